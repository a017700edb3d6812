/** The page for any site: the chat of a channel to read, and to write in for whoever signs in. */
import { ChatLines } from './chat-lines.ts';
import { channelEmotes, emotePicker } from './emote-picker.ts';
import { LiveClient, LiveError } from './live-client.ts';
import type { Fields, You } from './live-events.ts';
import { at, channelId, emotePicture, gatewayAddress, make, page, part, wished, wishes } from './page-elements.ts';
import { PinCard } from './pin-card.ts';
import { PollCard } from './poll-card.ts';
import { RaidBanner } from './raid-banner.ts';

const REASONS = new Map([
  ['signed_out', 'Sign in to chat.'],
  ['banned', 'You are banned from this chat.'],
  ['timed_out', 'You are timed out.'],
  ['warned', 'A moderator has warned you.'],
  ['chat_closed', 'The chat is closed.'],
  ['followers_only', 'Only followers may chat right now.'],
  ['subscribers_only', 'Only subscribers may chat right now.'],
  ['emote_only', 'Only emotes right now.'],
  ['slow_mode', 'Slow mode: wait a little.'],
  ['account_age', 'Your account is too new to chat here.'],
  ['unverified', 'Confirm your e-mail address to chat here.'],
]);
const STATES = { connecting: 'Connecting…', open: '', waiting: 'Reconnecting…', closed: 'This chat is not available.' };
const NEAR_END = 60;

const root = page.document.documentElement;
const theme = wishes().get('theme');
if (theme === 'dark' || theme === 'light') root.dataset['theme'] = theme;
const [list, text, send, hint] = [part('lines'), part('text'), part('send'), part('hint')];
const client = new LiveClient({ gateway: gatewayAddress() });
const channel = client.subscribe(channelId());

let follows = true;
const toEnd = () => {
  list.scrollTop = list.scrollHeight;
};
const lines = new ChatLines(channel, {
  ...{ list, max: wished('lines', 200, 20, 500), fadeMs: 0, delayMs: 0 },
  around(change) {
    change();
    if (follows) toEnd();
    else part('more').hidden = false;
  },
});
list.addEventListener('scroll', () => {
  follows = list.scrollTop + list.clientHeight >= list.scrollHeight - NEAR_END;
  if (follows) part('more').hidden = true;
});
part('more').addEventListener('click', () => {
  follows = true;
  part('more').hidden = true;
  toEnd();
});

const say = (words: string) => {
  hint.textContent = words;
};
const isSignedIn = () => channel.you !== undefined && channel.you.why !== 'signed_out';
const polls = new PollCard(channel, {
  at: part('poll'),
  vote: (poll, answer) => channel.vote(poll, [answer]),
  whyNot: () => (isSignedIn() ? '' : 'Sign in to vote'),
});
new PinCard(channel, lines, part('pin'));
const isFramed = page.parent !== (page as unknown);
new RaidBanner(channel, {
  at: part('raid'),
  follow(to, name) {
    // The page around decides what it shows; it may not frame that channel at all.
    if (isFramed) page.parent.postMessage({ igchatRaid: { to, name } }, '*');
    else page.location.assign(`./${encodeURIComponent(to)}${page.location.search}`);
  },
});
client.on('system', ({ level, text: words, url }) => {
  const link = make('a', 'more', 'Read more');
  const close = make('button', 'close', '×');
  close.setAttribute('type', 'button');
  close.setAttribute('aria-label', 'Hide this');
  close.addEventListener('click', () => {
    part('system').hidden = true;
  });
  const isLink = typeof url === 'string' && /^https:\/\//.test(url);
  if (isLink) {
    link.setAttribute('href', url);
    link.setAttribute('target', '_blank');
    link.setAttribute('rel', 'noopener noreferrer');
  }
  part('system').dataset['level'] = String(level);
  part('system').replaceChildren(make('p', 'words', String(words), ' ', ...(isLink ? [link] : [])), close);
  part('system').hidden = false;
});
emotePicker({ button: part('emotes'), panel: part('picker'), text });
/** Refusals that are over before a message is written. */
const PACING = new Set(['slow_mode', 'rate_limited', 'room_busy']);
let standAgain: () => void = () => undefined;
const stand = (you: You) => {
  const { can, why = '', retry_ms } = you;
  const mayTry = can || PACING.has(why);
  standAgain();
  if (!mayTry && retry_ms !== undefined) {
    standAgain = at(retry_ms, 0, () => stand({ role: you.role, badges: you.badges, can: true }));
  }
  part('acknowledge').hidden = why !== 'warned';
  part('sign-in').hidden = isSignedIn();
  part('write').hidden = !isSignedIn();
  text.disabled = !mayTry;
  send.disabled = !mayTry;
  polls.refresh();
  const isFree = mayTry || why === 'signed_out';
  say(isFree ? '' : (REASONS.get(why) ?? 'You may not chat right now.'));
};
channel.on('joined', ({ you }) => stand(you));
channel.on('you', stand);
channel.on('refused', () => {
  // Perhaps it is for those who are signed in.
  part('sign-in').hidden = isSignedIn();
  say(STATES.closed);
});
part('acknowledge').addEventListener(
  'click',
  () => void channel.acknowledge().catch(() => say('That did not work. Try again.')),
);
client.on('state', (state) => {
  part('state').textContent = STATES[state];
});

const facts = (given: Fields) => {
  const session = given['ses'] as { readonly title?: unknown; readonly status?: unknown } | null | undefined;
  if (!session) return;
  const title = typeof session.title === 'string' && session.title !== '' ? session.title : 'Live chat';
  part('title').textContent = title;
  page.document.title = title;
  part('status').hidden = session.status !== 'live';
};
channel.on('snapshot', (snapshot) => {
  facts(snapshot.facts);
  count(snapshot.counts.v);
  offer(snapshot.facts['set']);
});
channel.on('session', ({ content }) => facts({ ses: content }));
channel.on('settings', ({ content }) => offer(content));
channel.on('counts', ({ v, rx = {} }) => {
  count(v);
  for (const [key, n] of Object.entries(rx)) void rise(key, n);
});

function count(viewers: number | undefined): void {
  if (viewers === undefined) return;
  const rounded = viewers >= 1000 ? `${(viewers / 1000).toFixed(1)}K` : String(viewers);
  part('viewers').textContent = `${rounded} watching`;
}

const STANDARD = ['🔥', '❤', '😂', '👏', '😮'];

/** The reactions of the channel, as buttons. */
function offer(settings: unknown): void {
  const reactions = (settings as { reactions?: { enabled?: boolean; keys?: unknown } } | null)?.reactions;
  const keys = Array.isArray(reactions?.keys) ? reactions.keys.filter((key) => typeof key === 'string') : STANDARD;
  const shown = reactions?.enabled === false ? [] : keys.slice(0, 6);
  part('reactions').replaceChildren(
    ...shown.map((key) => {
      const button = make('button', 'reaction', key);
      void picture(key).then((found) => button.replaceChildren(found));
      button.setAttribute('type', 'button');
      button.setAttribute('aria-label', `React with ${key}`);
      button.addEventListener('click', () => channel.react(key));
      return button;
    }),
  );
}

/** What a reaction looks like: itself, or the emote of the channel whose word it is. */
async function picture(key: string) {
  const mxc = key.length > 2 && key.startsWith(':') ? (await channelEmotes()).get(key) : undefined;
  return mxc === undefined ? key : emotePicture(key, mxc);
}

/** Reactions of all viewers float up, a few of them. */
async function rise(key: string, n: number): Promise<void> {
  const sky = part('sky');
  for (let each = 0; each < Math.min(n, 5) && sky.childElementCount < 30; each++) {
    const one = make('span', 'rising', await picture(key));
    one.style.setProperty('--x', `${Math.round(Math.random() * 80)}%`);
    one.style.setProperty('--wait', `${Math.round(Math.random() * 400)}ms`);
    one.addEventListener('animationend', () => one.remove());
    // Where nothing moves, nothing ends.
    setTimeout(() => one.remove(), 3000);
    sky.append(one);
  }
}

part('write').addEventListener('submit', (event) => {
  event.preventDefault();
  const body = text.value.trim();
  if (body === '') return;
  text.value = '';
  say('');
  channel.send(body).then(
    ({ isShown }) => {
      if (!isShown) say('The chat is fast: your message is in the history, and not everybody sees it live.');
    },
    (error: unknown) => {
      if (text.value === '') text.value = body;
      const wait = error instanceof LiveError && error.retryMs !== undefined ? Math.ceil(error.retryMs / 1000) : 0;
      say(`${error instanceof Error ? error.message : 'That did not work'}${wait > 0 ? ` (${wait} s)` : ''}`);
    },
  );
  text.focus();
});

part('sign-in').addEventListener('click', () => {
  page.open(new URL('../sign-in', page.location.href).href, 'igchat-sign-in', 'popup,width=420,height=560');
});
// The window for signing in is of the same server, and nobody else is listened to.
page.addEventListener('message', ({ origin, data }) => {
  const given = (data as { igchatTicket?: unknown } | null)?.igchatTicket;
  if (origin !== page.location.origin || typeof given !== 'string') return;
  client.signIn(given).then(
    () => text.focus(),
    () => say('Signing in did not work. Try again.'),
  );
});
offer(undefined);
