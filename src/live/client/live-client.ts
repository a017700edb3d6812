/**
 * Chats of live streams, for browsers and Node, without dependencies: watches channels of the gateway, goes on by itself
 * after a cut without missing anything, and sends what was written meanwhile. Where no WebSocket gets through it reads
 * server-sent events, or polls, from the same place, and tries the WebSocket again now and then.
 *
 * ```ts
 * const live = new LiveClient({ gateway: 'wss://example.org/_matrix/client/unstable/online.beamify/live/gateway' });
 * const channel = live.subscribe('ch_8f2k');
 * channel.on('message', ({ n, tx }) => console.log(n, tx));
 * await channel.send('Hello!');
 * ```
 */
import { backOff } from './back-off.ts';
import { Credentials } from './credentials.ts';
import { Emitter } from './emitter.ts';
import type { Fallback } from './fallback.ts';
import { type Frame, LiveChannel } from './live-channel.ts';
import { LiveError } from './live-error.ts';
import type { Fields } from './live-events.ts';
import type { ClientEvents, LiveClientOptions, LiveState, Transport } from './live-options.ts';
import { Questions } from './questions.ts';
import { SocketLine } from './socket-line.ts';
import { onWake } from './wakes.ts';

export { LiveChannel } from './live-channel.ts';
export { LiveError } from './live-error.ts';
export type * from './live-events.ts';
export type * from './live-options.ts';
export type { MessageOptions, Sent } from './outbox.ts';

const PROTOCOL = 'beamify.live.v1';
/** After these codes something has to change first; after 4003 a new ticket does. */
const FINAL = [4001, 4002, 4004, 4007, 4014];
const BAD_TICKET = 4003;
const SLOW = 4008;
const FULL = 4012;
/** So many times it connects, at most, in {@link MINUTE_MS}. */
const MAX_TRIES = 6;
const MINUTE_MS = 60_000;
/** Who was too slow does not come back before. */
const SLOW_MS = 2000;
/** A WebSocket that does not get through is tried again after so long, while reading goes on in another way. */
const PROBE_MS = 120_000;

export class LiveClient extends Emitter<ClientEvents> {
  readonly #options: LiveClientOptions;
  readonly #channels = new Map<string, LiveChannel>();
  readonly #questions = new Questions();
  readonly #credentials: Credentials;
  readonly #socket = new SocketLine({
    opened: () => this.#hello(),
    heard: (frame) => this.#take(frame),
    ended: (code) => this.#cut(code),
  });
  #fallback: Fallback | undefined;
  #greeting: Fields = {};
  /** Channels that this connection was opened with. */
  #greeted: ReadonlySet<LiveChannel> = new Set();
  /** Of the WebSocket. */
  #link: LiveState = 'closed';
  #state: LiveState = 'closed';
  #failures = 0;
  /** Of what is waited for, all but the last is left. */
  #attempts = 0;
  #retryMs: number | undefined;
  /** When it connected of late. */
  #tries: number[] = Array(MAX_TRIES).fill(0);
  #endWakes: (() => void) | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: LiveClientOptions) {
    super();
    this.#options = options;
    this.#credentials = new Credentials(options);
  }

  get state(): LiveState {
    return this.#state;
  }

  /** How it is connected; undefined while it is not. */
  get transport(): Transport | undefined {
    return this.#link === 'open' ? 'socket' : this.#fallback?.way;
  }

  /** The channel, watched from now on; connects if nothing is connected yet. */
  subscribe(id: string): LiveChannel {
    const known = this.#channels.get(id);
    if (known) return known;
    const channel: LiveChannel = new LiveChannel(id, {
      send: (frame) => (this.#fallback ? this.#fallback.write(channel, frame) : this.#socket.send(frame)),
      ask: (frame) => this.#ask(frame, channel),
    });
    this.#channels.set(id, channel);
    if (this.#link === 'open') this.#join(channel);
    else if (this.#fallback) this.#fallback.watch(channel);
    else if (this.#link === 'closed') this.connect();
    return channel;
  }

  unsubscribe(id: string): void {
    const channel = this.#channels.get(id);
    if (!channel) return;
    this.#channels.delete(id);
    channel.abandon();
    this.#fallback?.leave(channel);
    this.#socket.send({ op: 'unsub', ch: id });
  }

  /** Connects now, as when the network is back; does nothing where that is under way or done. */
  connect(): void {
    if (this.#link === 'open' || this.#link === 'connecting') return;
    const Socket = this.#options.WebSocket ?? (globalThis as unknown as LiveClientOptions).WebSocket;
    clearTimeout(this.#timer);
    this.#endWakes ??= onWake(() => this.#wake());
    this.#tries = [...this.#tries.slice(1), Date.now()];
    this.#become('connecting');
    const attempt = ++this.#attempts;
    this.#credentials
      .greeting()
      .then((greeting) => {
        if (attempt !== this.#attempts) return;
        this.#greeting = greeting;
        this.#socket.use(new (Socket as NonNullable<typeof Socket>)(this.#options.gateway, [PROTOCOL]));
      })
      // Whoever gives tickets is away, or there is no WebSocket here: as a connection that failed.
      .catch(() => attempt === this.#attempts && this.#cut(0));
  }

  /**
   * Becomes somebody, by the ticket or else by what the options give, and misses nothing. Also for a new token, and for
   * somebody else. Rejects where the server does not take it.
   */
  async signIn(ticket?: string): Promise<void> {
    const credentials = this.#credentials;
    const wasSomebody = credentials.secret;
    credentials.become(false, ticket);
    if (this.#link !== 'open' || wasSomebody) return this.#comeBack();
    const greeting = await credentials.greeting();
    credentials.ticket = undefined;
    if (greeting['ticket']) credentials.secret = (await this.#ask({ op: 'auth', ...greeting }))['resume'];
  }

  /** Is nobody from now on, and misses nothing. */
  signOut(): void {
    this.#credentials.become(true);
    if (this.#link !== 'closed') this.#comeBack();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#endWakes?.();
    this.#endWakes = undefined;
    this.#attempts += 1;
    this.#socket.leave(1000);
    this.#questions.cut();
    this.#endFallback();
    this.#become('closed');
    for (const channel of this.#channels.values()) channel.abandon();
  }

  #hello(): void {
    const { profile = 'full', moderator: mod } = this.#options;
    this.#greeted = new Set(this.#channels.values());
    const subs = [...this.#greeted].map(({ position }) => position);
    this.#socket.send({ op: 'hello', v: 1, profile, mod, ...this.#greeting, subs });
    this.#credentials.ticket = undefined;
  }

  #take(frame: Frame): void {
    const { op, i, ch, r } = frame;
    if (i !== undefined) this.#questions.answered(frame);
    if (op === 'welcome') this.#welcome(frame);
    else if (op === 'bye') this.#retryMs = frame['retry_ms'] as number | undefined;
    else if (op === 'sys') this.emit('system', frame);
    else {
      for (const channel of this.#channels.values()) {
        if (ch === undefined ? channel.handle === r : channel.id === ch) channel.take(frame);
      }
    }
  }

  #welcome({ resume }: Frame): void {
    this.#credentials.secret = resume ?? this.#credentials.secret;
    this.#failures = 0;
    this.#endFallback();
    this.#become('open');
    // Those that came after `hello` was sent.
    for (const channel of this.#channels.values()) if (!this.#greeted.has(channel)) this.#join(channel);
  }

  #join(channel: LiveChannel): void {
    this.#ask({ op: 'sub', ...channel.position }).catch((error: LiveError) => {
      if (error.code !== 'cut') channel.refused(error);
    });
  }

  /** Has something done: by the WebSocket, or else by HTTP where it is done in a channel. */
  #ask(frame: Frame, channel?: LiveChannel): Promise<Fields> {
    if (this.#fallback?.way && channel) return this.#fallback.perform(channel, frame);
    return this.#questions.ask((i) => this.#socket.send({ ...frame, i }));
  }

  /** Connects anew, as whoever it is now. */
  #comeBack(): void {
    if (this.#fallback) {
      this.#fallback.restart();
      return;
    }
    this.#socket.leave(1000);
    this.#questions.cut();
    for (const channel of this.#channels.values()) channel.cut();
    this.#become('waiting');
    this.connect();
  }

  #cut(code: number): void {
    this.#questions.cut();
    const wasOpen = this.#link === 'open';
    if (!this.#fallback) for (const channel of this.#channels.values()) channel.cut();
    const credentials = this.#credentials;
    if (code === BAD_TICKET) {
      // Where new tickets are refused, too, reading on is what is left.
      if (!credentials.secret && this.#failures > 1) credentials.isNobody = true;
      credentials.secret = undefined;
    }
    const goesOn = !FINAL.includes(code) && !(code === BAD_TICKET && this.#options.overlayKey);
    if (!this.#fallback?.way) this.emit('cut', { code, goesOn });
    if (!goesOn) {
      this.#endFallback();
      this.#become('closed');
      const error = new LiveError(String(code), 'It was closed');
      for (const channel of this.#channels.values()) channel.refused(error);
      return;
    }
    const isBlocked = code < 4000 && !wasOpen && this.#failures > 0;
    if (isBlocked || code === FULL) void this.#fallBack();
    this.#become('waiting');
    this.#wait(this.#pause(code));
    this.#failures += 1;
  }

  /** Reads by HTTP until a WebSocket gets through. Most never need that, and do not download it. */
  async #fallBack(): Promise<void> {
    if (this.#fallback) return;
    // Where it does not come, the next connection that fails asks for it again.
    const module = await import('./fallback.ts').catch(() => undefined);
    if (!module || this.#fallback || this.#link === 'open' || this.#link === 'closed') return;
    this.#fallback = new module.Fallback({
      ...{ options: this.#options, credentials: this.#credentials, channels: this.#channels },
      changed: () => {
        this.#become(this.#link);
        // Perhaps the server was away, and not WebSockets.
        if (this.#state === 'open') this.#wake();
      },
      system: (frame) => this.emit('system', frame),
    });
  }

  #endFallback(): void {
    this.#fallback?.stop();
    this.#fallback = undefined;
  }

  /** Finds out how it is: what is known may be old. */
  #wake(): void {
    if (this.#link === 'waiting') this.#wait(0);
    else this.#socket.check();
  }

  #wait(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.connect(), Math.max(ms, (this.#tries[0] as number) + MINUTE_MS - Date.now()));
  }

  /** Where the server names a time, that; otherwise any time up to one that doubles with each failure. */
  #pause(code: number): number {
    const named = this.#retryMs;
    this.#retryMs = undefined;
    const isNamed = named !== undefined && this.#failures === 0;
    const wanted = isNamed ? named : this.#fallback?.way ? PROBE_MS : backOff(this.#failures);
    return Math.max(code === SLOW ? SLOW_MS : 0, wanted);
  }

  #become(link: LiveState): void {
    this.#link = link;
    const state = this.#fallback?.way ? 'open' : link;
    if (this.#state === state) return;
    this.#state = state;
    this.emit('state', state);
  }
}
