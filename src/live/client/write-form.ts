/** Where people write on a page: whether they may, until when not, what became of what they wrote. */
import type { ChatLines } from './chat-lines.ts';
import type { LiveChannel } from './live-channel.ts';
import { LiveError } from './live-client.ts';
import type { LiveMessage, You } from './live-events.ts';
import { make, makeButton, type PageElement, part, timeLeft } from './page-elements.ts';

const REASONS = new Map([
  ['banned', 'You are banned from this chat.'],
  ['timed_out', 'You are timed out.'],
  ['warned', 'A moderator has warned you.'],
  ['chat_closed', 'The chat is closed.'],
  ['followers_only', 'Only followers may chat right now.'],
  ['subscribers_only', 'Only subscribers may chat right now.'],
  ['emote_only', 'Only emotes right now.'],
  ['account_age', 'Your account is too new to chat here.'],
  ['unverified', 'Confirm your e-mail address to chat here.'],
]);
/** Why nothing comes any more, by the code of the close. */
const ENDS = new Map([
  ['4004', 'This chat is not available.'],
  ['4007', 'You have this chat open in too many places.'],
]);
const PERHAPS = 'This chat is not open to everybody. Sign in to see whether it is for you.';
/** Refusals that are over before a message is written, and that those who write need not hear of while they are short. */
const PACING = new Set(['slow_mode', 'rate_limited', 'room_busy']);
const SHORT_MS = 3000;
const SECOND = 1000;

export class WriteForm {
  readonly #channel: LiveChannel;
  readonly #lines: ChatLines;
  readonly #text: PageElement = part('text');
  readonly #hint: PageElement = part('hint');
  readonly #wait: PageElement = part('wait');
  #reply: LiveMessage | undefined;
  #isBanned = false;
  #isAwaited = false;
  #stopWaiting: () => void = () => undefined;

  constructor(channel: LiveChannel, lines: ChatLines) {
    this.#channel = channel;
    this.#lines = lines;
    channel.on('joined', ({ you }) => this.#stand(you));
    channel.on('you', (you) => this.#stand(you));
    channel.on('refused', ({ code }) => {
      // Perhaps it is for those who are signed in.
      part('sign-in').hidden = this.isSignedIn || code !== '4004';
      const isPerhapsForMe = code === '4004' && !this.isSignedIn;
      this.say(isPerhapsForMe ? PERHAPS : (ENDS.get(code) ?? 'Load this page anew to go on.'));
    });
    channel.on('held', ({ state }) => {
      if (state === 'denied') this.say('A moderator has not let your message in.');
      else if (state === 'allowed') this.say('');
    });
    channel.on('delete', ({ id }) => id === this.#reply?.id && this.answer(undefined));
    part('write').addEventListener('submit', (event) => {
      event.preventDefault();
      this.#submit();
    });
    part('acknowledge').addEventListener('click', () => {
      channel.acknowledge().catch(() => this.say('That did not work. Try again.'));
    });
  }

  get isSignedIn(): boolean {
    const { you } = this.#channel;
    return you !== undefined && you.why !== 'signed_out';
  }

  get isModerator(): boolean {
    const role = this.#channel.you?.role;
    return role === 'moderator' || role === 'streamer';
  }

  say(words: string): void {
    this.#stopWaiting();
    this.#hint.textContent = words;
  }

  focus(): void {
    this.#text.focus();
  }

  /** As soon as one may write. */
  focusSoon(): void {
    this.#isAwaited = this.#text.disabled || part('write').hidden;
    if (!this.#isAwaited) this.focus();
  }

  /** What is written next answers the message; undefined: it answers none. */
  answer(message: LiveMessage | undefined): void {
    this.#reply = message;
    const bar = part('answering');
    bar.hidden = message === undefined;
    if (!message) {
      bar.replaceChildren();
      return;
    }
    const words = make('span', 'words', 'Replying to ', make('bdi', '', message.n));
    const close = makeButton('close', '×', 'Reply to nobody', () => {
      this.answer(undefined);
      this.focus();
    });
    bar.replaceChildren(words, close);
    this.focus();
  }

  #stand({ can, role, badges, why = '', retry_ms, warning }: You): void {
    const mayTry = can || PACING.has(why);
    this.#isBanned = why === 'banned';
    part('acknowledge').hidden = why !== 'warned';
    part('sign-in').hidden = this.isSignedIn;
    part('write').hidden = !this.isSignedIn;
    const isOff = !mayTry && !this.#isBanned;
    this.#text.disabled = isOff;
    part('send').disabled = isOff;
    if (this.#isAwaited && this.isSignedIn) this.focus();
    this.#isAwaited = this.#isAwaited && !this.isSignedIn;
    this.#text.setAttribute('placeholder', this.#isBanned ? 'Ask to be let in again' : 'Say something');
    if (mayTry || why === 'signed_out') this.say('');
    else if (why === 'warned' && warning) this.say(`A moderator has warned you: ${warning}`);
    else this.say(REASONS.get(why) ?? 'You may not chat right now.');
    if (mayTry || retry_ms === undefined) return;
    this.#countDown(retry_ms, () => this.#stand({ role, badges, can: true }));
  }

  /** Shows how long something takes; those who listen are told once, and not each second. */
  #countDown(ms: number, done: () => void): void {
    this.#stopWaiting();
    const ends = performance.now() + ms;
    const show = () => {
      const left = ends - performance.now();
      this.#wait.textContent = timeLeft(left);
      if (left > 0) return;
      this.#stopWaiting();
      done();
    };
    const timer = setInterval(show, SECOND);
    this.#stopWaiting = () => {
      clearInterval(timer);
      this.#wait.textContent = '';
    };
    show();
  }

  #submit(): void {
    const body = this.#text.value.trim();
    if (body === '') return;
    this.#text.value = '';
    this.say('');
    if (this.#isBanned) this.#appeal(body);
    else this.#send(body, this.#reply, true);
    this.answer(undefined);
    this.focus();
  }

  #appeal(message: string): void {
    this.#channel.moderate('appeal', { message }).then(
      () => this.say('The moderators will look at it.'),
      (error: unknown) => this.#failed(message, error),
    );
  }

  #send(body: string, reply: LiveMessage | undefined, mayWait: boolean): void {
    const isAction = /^\/me\s/i.test(body);
    const shown = isAction ? body.slice(4).trim() : body;
    const options = { ...(reply && { reply: reply.id }), ...(isAction && { me: true }) };
    this.#channel.send(shown, options).then(
      ({ id, isShown }) => {
        if (isShown) return;
        this.#lines.own(id, shown);
        this.say('The chat is fast: your message is in the history, and not everybody sees it live.');
      },
      (error: unknown) => {
        const { code, retryMs } = error instanceof LiveError ? error : { code: '', retryMs: undefined };
        if (mayWait && PACING.has(code) && retryMs !== undefined && retryMs <= SHORT_MS) {
          setTimeout(() => this.#send(body, reply, false), retryMs);
        } else if (code === 'held') {
          this.say('Your message waits for a moderator.');
        } else {
          this.#failed(body, error);
        }
      },
    );
  }

  #failed(body: string, error: unknown): void {
    if (this.#text.value === '') this.#text.value = body;
    this.say(error instanceof Error ? error.message : 'That did not work');
    const wait = error instanceof LiveError ? error.retryMs : undefined;
    if (wait !== undefined) this.#countDown(wait, () => this.say(''));
  }
}
