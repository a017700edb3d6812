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
import { Emitter } from './emitter.ts';
import { Fallback } from './fallback.ts';
import { HttpLine } from './http-line.ts';
import { type Frame, LiveChannel } from './live-channel.ts';
import { LiveError } from './live-error.ts';
import type { Fields } from './live-events.ts';
import type { ClientEvents, LiveClientOptions, LiveState, SocketLike, Transport } from './live-options.ts';
import { backOff, FIRST_MS } from './pauses.ts';
import { Questions } from './questions.ts';

export { LiveChannel } from './live-channel.ts';
export { LiveError } from './live-error.ts';
export type * from './live-events.ts';
export type * from './live-options.ts';
export type { MessageOptions, Sent } from './outbox.ts';

const PROTOCOL = 'beamify.live.v1';
const OPEN = 1;
/** After these codes something has to change first; after 4003 a new ticket does, and after 4011 reading on as nobody. */
const FINAL = new Set([4001, 4002, 4004, 4007, 4014]);
const [BAD_TICKET, SLOW, BANNED, FULL] = [4003, 4008, 4011, 4012];
/** A WebSocket on which no word has come after this time does not get through, */
const FIRST_WORD_MS = 10_000;
/** … and is tried again after so long, while reading goes on in another way. */
const PROBE_MS = 120_000;

export class LiveClient extends Emitter<ClientEvents> {
  readonly #options: LiveClientOptions;
  readonly #channels = new Map<string, LiveChannel>();
  readonly #questions = new Questions();
  readonly #http: HttpLine;
  #fallback: Fallback | undefined;
  #socket: SocketLike | undefined;
  /** Channels that this connection was opened with. */
  #greeted: ReadonlySet<LiveChannel> = new Set();
  /** Of the WebSocket. */
  #link: LiveState = 'closed';
  #state: LiveState = 'closed';
  #secret: string | undefined;
  #isNobody = false;
  #failures = 0;
  #retryMs: number | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #silence: ReturnType<typeof setTimeout> | undefined;
  #silenceMs = 60_000;

  constructor(options: LiveClientOptions) {
    super();
    this.#options = options;
    const base = options.gateway.replace(/^ws/, 'http').replace(/\/gateway$/, '');
    // Browsers want to see their own window behind it.
    const ask: typeof fetch = options.fetch ?? ((url, init) => fetch(url, init));
    this.#http = new HttpLine({ base, token: options.token, fetch: ask });
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
      send: (frame) => this.#write(channel, frame),
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
    this.#send({ op: 'unsub', ch: id });
  }

  /** Connects now, as when the network is back; does nothing where that is under way or done. */
  connect(): void {
    if (this.#link === 'open' || this.#link === 'connecting') return;
    clearTimeout(this.#timer);
    this.#become('connecting');
    void this.#open();
  }

  /** Becomes somebody without a new connection. Takes a WebSocket: otherwise that is what `token` is for. */
  async signIn(ticket: string): Promise<void> {
    this.#isNobody = false;
    const { resume } = await this.#ask({ op: 'auth', ticket });
    if (typeof resume === 'string') this.#secret = resume;
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#leave(1000);
    this.#endFallback();
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
    if (this.#link !== 'connecting') return;
    const socket = new Socket(this.#options.gateway, [PROTOCOL]);
    this.#socket = socket;
    const isCurrent = () => this.#socket === socket;
    socket.onopen = () => isCurrent() && this.#hello(credential);
    socket.onmessage = ({ data }: { data: unknown }) => isCurrent() && this.#take(String(data));
    socket.onerror = () => undefined;
    socket.onclose = ({ code }: { code: number }) => isCurrent() && this.#cut(code);
    this.#listen(FIRST_WORD_MS);
  }

  async #credential(): Promise<Fields> {
    const { overlayKey, ticket, token } = this.#options;
    if (overlayKey !== undefined) return { overlay: overlayKey };
    if (this.#isNobody) return {};
    if (this.#secret !== undefined) return { resume: this.#secret };
    const given = await (ticket ? ticket() : token && this.#http.ticket());
    return given === undefined ? {} : { ticket: given };
  }

  #hello(credential: Fields): void {
    const { profile = 'full', moderator = false } = this.#options;
    this.#greeted = new Set(this.#channels.values());
    const subs = [...this.#greeted].map(({ position }) => position);
    this.#send({ op: 'hello', v: 1, profile, ...(moderator ? { mod: true } : {}), ...credential, subs });
  }

  #take(text: string): void {
    const frame = JSON.parse(text) as Frame;
    if (frame.op === 'welcome') this.#welcome(frame);
    this.#listen(this.#silenceMs);
    switch (frame.op) {
      case 'ping':
        this.#send({ op: 'pong' });
        return;
      case 'bye':
        this.#retryMs = frame['retry_ms'] as number | undefined;
        return;
      case 'sys':
        this.emit('system', frame);
        return;
      case 'ok':
      case 'err':
        this.#questions.answered(frame);
        return;
      case 'joined':
        if (frame['i'] !== undefined) this.#questions.answered({ op: 'ok', i: frame['i'] });
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
    const isHttp = this.#link !== 'open' && this.#fallback?.way !== undefined;
    if (isHttp && channel) return this.#fallback!.perform(channel, frame);
    return this.#questions.ask((i) => this.#send({ ...frame, i }));
  }

  #write(channel: LiveChannel, frame: Frame): boolean {
    if (this.#link === 'open' || !this.#fallback) return this.#send(frame);
    if (frame.op === 'sub') this.#fallback.watch(channel);
    // Of reactions nobody is told what became.
    else void this.#fallback.perform(channel, frame).catch(() => undefined);
    return true;
  }

  #send(frame: Frame): boolean {
    if (this.#socket?.readyState !== OPEN) return false;
    this.#socket.send(JSON.stringify(frame));
    return true;
  }

  /** A connection on which nothing comes is none. */
  #listen(ms: number): void {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => {
      this.#leave(4000);
      this.#cut(0);
    }, ms);
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
    this.#questions.cut();
    const wasOpen = this.#link === 'open';
    if (!this.#fallback) for (const channel of this.#channels.values()) channel.cut();
    if (code === BANNED) this.#isNobody = this.#http.isNobody = true;
    const hadSecret = this.#secret !== undefined;
    if (code === BAD_TICKET || code === BANNED) this.#secret = undefined;
    // A ticket that was refused, and not a secret that is too old, would be refused again.
    const goesOn = !FINAL.has(code) && (code !== BAD_TICKET || hadSecret || this.#failures < 3);
    if (!this.#fallback?.way) this.emit('cut', { code, goesOn });
    if (!goesOn) {
      this.#end(code);
      return;
    }
    const isBlocked = code < 4000 && !wasOpen && this.#failures > 0;
    if (isBlocked || code === FULL) this.#fallBack();
    this.#become('waiting');
    this.#timer = setTimeout(() => this.connect(), this.#pause(code));
    this.#failures += 1;
  }

  #end(code: number): void {
    this.#endFallback();
    this.#become('closed');
    const error = new LiveError(String(code), 'The server has ended the connection');
    for (const channel of this.#channels.values()) channel.refused(error);
  }

  /** Reads by HTTP until a WebSocket gets through. */
  #fallBack(): void {
    if (this.#fallback) return;
    const { profile = 'full', moderator = false } = this.#options;
    this.#fallback = new Fallback({
      ...{ http: this.#http, profile, moderator },
      changed: () => this.#become(this.#link),
      system: (frame) => this.emit('system', frame),
    });
    for (const channel of this.#channels.values()) this.#fallback.watch(channel);
  }

  #endFallback(): void {
    if (!this.#fallback) return;
    this.#fallback.stop();
    this.#fallback = undefined;
    for (const channel of this.#channels.values()) channel.cut();
  }

  /** Where the server names a time, that; otherwise any time up to one that doubles with each failure. */
  #pause(code: number): number {
    const named = this.#retryMs;
    this.#retryMs = undefined;
    const least = code === SLOW ? 2 * FIRST_MS : 0;
    if (named !== undefined && this.#failures === 0) return Math.max(least, named);
    return Math.max(least, this.#fallback?.way ? PROBE_MS : backOff(this.#failures));
  }

  #become(link: LiveState): void {
    this.#link = link;
    const state = this.#fallback?.way ? 'open' : link;
    if (this.#state === state) return;
    this.#state = state;
    this.emit('state', state);
  }
}
