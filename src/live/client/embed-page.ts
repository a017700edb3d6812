/** The page for any site: the chat of a channel to read, and to write in and moderate for whoever signs in. */
import { ChatLines } from './chat-lines.ts';
import { emotePicker } from './emote-picker.ts';
import { HeldCard } from './held-card.ts';
import { LineMenu } from './line-menu.ts';
import { numbered } from './live-channel.ts';
import { LiveClient } from './live-client.ts';
import type { Fields } from './live-events.ts';
import { channelId, gatewayAddress, page, part, wished, wishes } from './page-elements.ts';
import { PinCard } from './pin-card.ts';
import { PollCard } from './poll-card.ts';
import { RaidBanner } from './raid-banner.ts';
import { reactionBar } from './reaction-bar.ts';
import { ScrollBack } from './scroll-back.ts';
import { systemBar } from './system-bar.ts';
import { WriteForm } from './write-form.ts';

const STATES = { connecting: 'Connecting…', open: '', waiting: 'Reconnecting…', closed: '' };
/** Lines more that are kept for whoever has scrolled back. */
const SCROLLED = 300;

const root = page.document.documentElement;
const theme = wishes().get('theme');
if (theme === 'dark' || theme === 'light') root.dataset['theme'] = theme;
const client = new LiveClient({ gateway: gatewayAddress(), moderator: true });
const channel = client.subscribe(channelId());

const list = part('lines');
const scroll = new ScrollBack(list, part('more'));
const most = wished('lines', 200, 20, 500);
const lines = new ChatLines(channel, {
  ...{ list, fadeMs: 0, delayMs: 0 },
  max: () => (scroll.follows ? most : most + SCROLLED),
  around: (count, change) => scroll.add(count, change),
});
const form = new WriteForm(channel, lines);
const polls = new PollCard(channel, {
  at: part('poll'),
  vote: (poll, answer) => channel.vote(poll, [answer]),
  whyNot: () => (form.isSignedIn ? '' : 'Sign in to vote'),
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
systemBar(client, part('system'));
reactionBar(channel, { bar: part('reactions'), sky: part('sky') });
emotePicker({ button: part('emotes'), panel: part('picker'), text: part('text') });

const menu = new LineMenu(channel, {
  ...{ list, lines },
  isSomebody: () => form.isSignedIn,
  isModerator: () => form.isModerator,
  answer: (message) => form.answer(message),
  say: (words) => form.say(words),
});
const held = new HeldCard(channel, part('held'), (words) => form.say(words));
channel.on('lane', ({ k, ...entry }) => {
  const { event_id, hid, state, user, body } = entry as Fields;
  if (k === 'skipped') lines.unseen(numbered([{ ...entry }])[0] as never);
  else if (k === 'delayed' && state !== 'pending') lines.drop(String(hid));
  else if (k === 'delayed') lines.unseen(numbered([{ id: hid, u: user, tx: body }])[0] as never);
  else if (k === 'report' && typeof event_id === 'string') lines.mark(event_id, 'reported');
});
let moderates = false;
const stand = () => {
  polls.refresh();
  menu.close();
  list.classList.toggle('is-somebody', form.isSignedIn);
  if (form.isModerator === moderates) return;
  moderates = form.isModerator;
  if (moderates) held.load();
  else held.clear();
};
channel.on('joined', stand);
channel.on('you', stand);

let toSend = 0;
const tellState = () => {
  const waiting = toSend > 0 && client.state !== 'open' ? ` (${toSend} to send)` : '';
  part('state').textContent = `${STATES[client.state]}${waiting}`;
};
client.on('state', tellState);
channel.on('outbox', (count) => {
  toSend = count;
  tellState();
});

const facts = ({ ses, set }: Fields) => {
  const session = ses as { readonly title?: unknown; readonly status?: unknown } | null | undefined;
  const { max_length } = (set ?? {}) as Fields;
  if (typeof max_length === 'number') part('text').setAttribute('maxlength', String(max_length));
  if (!session) return;
  const title = typeof session.title === 'string' && session.title !== '' ? session.title : 'Live chat';
  part('title').textContent = title;
  page.document.title = title;
  part('status').hidden = session.status !== 'live';
};
const count = (viewers: number | undefined) => {
  if (viewers === undefined) return;
  const rounded = viewers >= 1000 ? `${(viewers / 1000).toFixed(1)}K` : String(viewers);
  part('viewers').textContent = `${rounded} watching`;
};
channel.on('snapshot', (snapshot) => {
  facts(snapshot.facts);
  count(snapshot.counts.v);
});
channel.on('session', ({ content }) => facts({ ses: content }));
channel.on('counts', ({ v }) => count(v));

part('sign-in').addEventListener('click', () => {
  const address = new URL('../sign-in', page.location.href).href;
  const opened = page.open(address, 'igchat-sign-in', 'popup,width=420,height=560');
  if (!opened) form.say('Let this page open a window to sign in.');
});
// The window for signing in is of the same server, and nobody else is listened to.
page.addEventListener('message', ({ origin, data }) => {
  const given = (data as { igchatTicket?: unknown } | null)?.igchatTicket;
  if (origin !== page.location.origin || typeof given !== 'string') return;
  client.signIn(given).then(
    () => form.focusSoon(),
    () => form.say('Signing in did not work. Try again.'),
  );
});
