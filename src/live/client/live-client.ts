/**
 * Chats of live streams, for browsers and Node, without dependencies: watches channels of the gateway, goes on by itself
 * after a cut without missing anything, and sends what was written meanwhile.
 *
 * ```ts
 * const live = new LiveClient({ gateway: 'wss://example.org/_matrix/client/unstable/online.beamify/live/gateway' });
 * const channel = live.subscribe('ch_8f2k');
 * channel.on('message', ({ n, tx }) => console.log(n, tx));
 * await channel.send('Hello!');
 * ```
 */
import { Emitter } from './emitter.ts';
import { type Frame, LiveChannel } from './live-channel.ts';
import { LiveError } from './live-error.ts';
import type { Fields } from './live-events.ts';

export { LiveChannel } from './live-channel.ts';
export { LiveError } from './live-error.ts';
export type * from './live-events.ts';
export type { MessageOptions, Sent } from './outbox.ts';

/** What is used of a WebSocket; those of browsers, of Node 22 and of `ws` have it. */
export interface SocketLike {
  readonly readyState: number;
  onopen: ((event: never) => void) | null;
  onmessage: ((event: never) => void) | null;
  onclose: ((event: never) => void) | null;
  onerror: ((event: never) => void) | null;
  send(text: string): void;
  close(code?: number): void;
}

export interface LiveClientOptions {
  /** Address of the gateway, `wss://…`. */
  readonly gateway: string;
  /** Gets a ticket (`POST …/live/ticket`) of whoever is signed in; undefined for nobody. Asked when one is needed. */
  readonly ticket?: () => Promise<string | undefined>;
  /** The key of an overlay, which shows one channel. */
  readonly overlayKey?: string;
  /** `lite`: no counts and reactions. */
  readonly profile?: 'full' | 'lite' | 'overlay';
  /** Whether to be told what only moderators are told, where one is one. */
  readonly moderator?: boolean;
  /** For where there is none, as in Node 20: that of `ws`. */
  readonly WebSocket?: new (
    url: string,
    protocols: string[],
  ) => SocketLike;
}

export type LiveState = 'connecting' | 'open' | 'waiting' | 'closed';

export interface ClientEvents {
  state: LiveState;
  /** The connection ended; `code` as the gateway says, and whether this goes on by itself. */
  cut: { readonly code: number; readonly goesOn: boolean };
  /** Something for everybody. */
  system: Fields;
}

const PROTOCOL = 'beamify.live.v1';
const OPEN = 1;
const [FIRST_MS, LONGEST_MS] = [1000, 30_000];
/** After these codes something has to change first; after 4003 a new ticket does, and after 4011 reading on as nobody. */
const FINAL = new Set([4001, 4002, 4004, 4007, 4014]);
const [BAD_TICKET, SLOW, BANNED] = [4003, 4008, 4011];
const ANSWER_MS = 30_000;

interface Asked {
  readonly resolve: (fields: Fields) => void;
  readonly reject: (error: LiveError) => void;
  readonly timer: ReturnType<typeof setTimeout>;
}

export class LiveClient extends Emitter<ClientEvents> {
  readonly #options: LiveClientOptions;
  readonly #channels = new Map<string, LiveChannel>();
  readonly #asked = new Map<number, Asked>();
  #socket: SocketLike | undefined;
  /** Channels that this connection was opened with. */
  #greeted: ReadonlySet<LiveChannel> = new Set();
  #state: LiveState = 'closed';
  #secret: string | undefined;
  #isNobody = false;
  #lastId = 0;
  #failures = 0;
  #retryMs: number | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #silence: ReturnType<typeof setTimeout> | undefined;
  #silenceMs = 60_000;

  constructor(options: LiveClientOptions) {
    super();
    this.#options = options;
  }

  get state(): LiveState {
    return this.#state;
  }

  /** The channel, watched from now on; connects if nothing is connected yet. */
  subscribe(id: string): LiveChannel {
    const known = this.#channels.get(id);
    if (known) return known;
    const line = { send: (frame: Frame) => this.#send(frame), ask: (frame: Frame) => this.#ask(frame) };
    const channel = new LiveChannel(id, line);
    this.#channels.set(id, channel);
    if (this.#state === 'open') this.#join(channel);
    else if (this.#state === 'closed') this.connect();
    return channel;
  }

  unsubscribe(id: string): void {
    const channel = this.#channels.get(id);
    if (!channel) return;
    this.#channels.delete(id);
    channel.abandon();
    this.#send({ op: 'unsub', ch: id });
  }

  /** Connects now, as when the network is back; does nothing where that is under way or done. */
  connect(): void {
    if (this.#state === 'open' || this.#state === 'connecting') return;
    clearTimeout(this.#timer);
    this.#become('connecting');
    void this.#open();
  }

  /** Becomes somebody without a new connection. */
  async signIn(ticket: string): Promise<void> {
    this.#isNobody = false;
    const { resume } = await this.#ask({ op: 'auth', ticket });
    if (typeof resume === 'string') this.#secret = resume;
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#leave(1000);
    this.#become('closed');
    for (const channel of this.#channels.values()) channel.abandon();
  }

  async #open(): Promise<void> {
    const Socket = this.#options.WebSocket ?? (globalThis as { WebSocket?: LiveClientOptions['WebSocket'] }).WebSocket;
    if (!Socket) throw new Error('there is no WebSocket here: give one as an option');
    let credential: Fields;
    try {
      credential = await this.#credential();
    } catch {
      // Whoever gives tickets is away: tried again as a connection that failed.
      this.#cut(0);
      return;
    }
    if (this.#state !== 'connecting') return;
    const socket = new Socket(this.#options.gateway, [PROTOCOL]);
    this.#socket = socket;
    const isCurrent = () => this.#socket === socket;
    socket.onopen = () => isCurrent() && this.#hello(credential);
    socket.onmessage = ({ data }: { data: unknown }) => isCurrent() && this.#take(String(data));
    socket.onerror = () => undefined;
    socket.onclose = ({ code }: { code: number }) => isCurrent() && this.#cut(code);
    this.#listen();
  }

  async #credential(): Promise<Fields> {
    const { overlayKey, ticket } = this.#options;
    if (overlayKey !== undefined) return { overlay: overlayKey };
    if (this.#isNobody) return {};
    if (this.#secret !== undefined) return { resume: this.#secret };
    const given = await ticket?.();
    return given === undefined ? {} : { ticket: given };
  }

  #hello(credential: Fields): void {
    const { profile = 'full', moderator = false } = this.#options;
    this.#greeted = new Set(this.#channels.values());
    const subs = [...this.#greeted].map(({ position }) => position);
    this.#send({ op: 'hello', v: 1, profile, ...(moderator ? { mod: true } : {}), ...credential, subs });
  }

  #take(text: string): void {
    this.#listen();
    const frame = JSON.parse(text) as Frame;
    switch (frame.op) {
      case 'ping':
        this.#send({ op: 'pong' });
        return;
      case 'welcome':
        this.#welcome(frame);
        return;
      case 'bye':
        this.#retryMs = frame['retry_ms'] as number | undefined;
        return;
      case 'sys':
        this.emit('system', frame);
        return;
      case 'ok':
      case 'err':
        this.#answered(frame);
        return;
      case 'joined':
        if (frame['i'] !== undefined) this.#answered({ op: 'ok', i: frame['i'] });
        this.#channels.get(frame['ch'] as string)?.take(frame);
        return;
      case 'held':
        this.#channels.get(frame['ch'] as string)?.take(frame);
        return;
      default:
        for (const channel of this.#channels.values()) if (channel.handle === frame['r']) channel.take(frame);
    }
  }

  #welcome({ resume, hb }: Frame): void {
    if (typeof resume === 'string') this.#secret = resume;
    // The server asks after `hb` of silence, so twice that without a word is no connection.
    if (typeof hb === 'number') this.#silenceMs = 2 * hb + 10_000;
    this.#failures = 0;
    this.#become('open');
    // Those that came after `hello` was sent.
    for (const channel of this.#channels.values()) if (!this.#greeted.has(channel)) this.#join(channel);
  }

  #answered({ i, op, ...fields }: Frame): void {
    const asked = this.#asked.get(i as number);
    if (!asked) return;
    this.#asked.delete(i as number);
    clearTimeout(asked.timer);
    const { code, msg, retry_ms } = fields;
    if (op === 'ok') asked.resolve(fields);
    else asked.reject(new LiveError(String(code), String(msg), retry_ms as number | undefined));
  }

  #join(channel: LiveChannel): void {
    this.#ask({ op: 'sub', ...channel.position }).catch((error: LiveError) => {
      if (error.code !== 'cut') channel.refused(error);
    });
  }

  #ask(frame: Frame): Promise<Fields> {
    this.#lastId += 1;
    const i = this.#lastId;
    return new Promise((resolve, reject) => {
      const late = () => {
        this.#asked.delete(i);
        reject(new LiveError('cut', 'There was no answer'));
      };
      this.#asked.set(i, { resolve, reject, timer: setTimeout(late, ANSWER_MS) });
      if (!this.#send({ ...frame, i })) this.#answered({ op: 'err', i, code: 'cut', msg: 'There is no connection' });
    });
  }

  #send(frame: Frame): boolean {
    if (this.#socket?.readyState !== OPEN) return false;
    this.#socket.send(JSON.stringify(frame));
    return true;
  }

  /** A connection on which nothing comes is none. */
  #listen(): void {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => {
      this.#leave(4000);
      this.#cut(0);
    }, this.#silenceMs);
  }

  #leave(code: number): void {
    const socket = this.#socket;
    this.#socket = undefined;
    clearTimeout(this.#silence);
    if (!socket) return;
    socket.onclose = null;
    socket.close(code);
  }

  #cut(code: number): void {
    this.#socket = undefined;
    clearTimeout(this.#silence);
    for (const { reject, timer } of this.#asked.values()) {
      clearTimeout(timer);
      reject(new LiveError('cut', 'The connection was cut'));
    }
    this.#asked.clear();
    for (const channel of this.#channels.values()) channel.cut();
    if (code === BANNED) this.#isNobody = true;
    const hadSecret = this.#secret !== undefined;
    if (code === BAD_TICKET || code === BANNED) this.#secret = undefined;
    // A ticket that was refused, and not a secret that is too old, would be refused again.
    const goesOn = !FINAL.has(code) && (code !== BAD_TICKET || hadSecret || this.#failures < 3);
    this.emit('cut', { code, goesOn });
    if (!goesOn) {
      this.#become('closed');
      const error = new LiveError(String(code), 'The server has ended the connection');
      for (const channel of this.#channels.values()) channel.refused(error);
      return;
    }
    this.#become('waiting');
    this.#timer = setTimeout(() => this.connect(), this.#pause(code));
    this.#failures += 1;
  }

  /** Where the server names a time, that; otherwise any time up to one that doubles with each failure. */
  #pause(code: number): number {
    const named = this.#retryMs;
    this.#retryMs = undefined;
    const least = code === SLOW ? 2 * FIRST_MS : 0;
    if (named !== undefined && this.#failures === 0) return Math.max(least, named);
    return Math.max(least, Math.random() * Math.min(LONGEST_MS, FIRST_MS * 2 ** this.#failures));
  }

  #become(state: LiveState): void {
    if (this.#state === state) return;
    this.#state = state;
    this.emit('state', state);
  }
}
