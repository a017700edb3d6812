/** The conversation with one viewer: greets, subscribes, answers, and ends where it must. */
import type { Clock } from '../../../util/clock.ts';
import type { OpenChannel } from '../../hub/channels.ts';
import { CLOSE } from '../../hub/sockets/close-codes.ts';
import type { Subscription } from '../../hub/sockets/fan-out.ts';
import type { SocketCaps } from '../../hub/sockets/socket-caps.ts';
import type { ViewerSocket } from '../../hub/sockets/viewer-socket.ts';
import type { Profile } from '../../hub/tick.ts';
import { type Bucket, type Rate, refilled, waitFor } from '../../rules/admission/pace.ts';
import type { Account, GatewayAccess, Reply } from './access.ts';
import { type ClientFrame, type Hello, parseClientFrame, type RequestId, type SubscribeTo } from './client-frame.ts';

export const GATEWAY_VERSION = 1;

export interface SessionLimits {
  readonly helloMs: number;
  /** Milliseconds between two heartbeats, as clients are told. */
  readonly heartbeatMs: number;
  readonly frames: Rate;
  readonly channels: number;
  readonly maxFrame: number;
  /** Frames whose answers are still to come. */
  readonly running: number;
}

export interface SessionParts {
  readonly socket: ViewerSocket;
  readonly access: GatewayAccess;
  readonly caps: SocketCaps;
  readonly clock: Clock;
  readonly limits: SessionLimits;
  /** Public name of the connection for logs. */
  readonly sid: string;
  readonly origin: string | undefined;
  onFault(error: unknown): void;
}

interface Joined {
  readonly channel: OpenChannel;
  readonly subscription: Subscription;
}

export class Session {
  readonly #parts: SessionParts;
  readonly #joined = new Map<string, Joined>();
  readonly #cancelHello: () => void;
  #state: 'new' | 'greeting' | 'open' = 'new';
  #account: Account | undefined;
  #profile: Profile = 'full';
  #bucket: Bucket | undefined;
  #running = 0;

  constructor(parts: SessionParts) {
    this.#parts = parts;
    const { clock, limits, socket } = parts;
    this.#cancelHello = clock.after(limits.helloMs, () => socket.close(CLOSE.noHello));
  }

  /** Takes a frame of the client. */
  receive(text: string): void {
    const { socket, clock, limits, onFault } = this.#parts;
    if (!socket.isOpen) return;
    const now = clock.now();
    socket.heardAt = now;
    const bucket = refilled(this.#bucket, limits.frames, now);
    const wait = waitFor(bucket, limits.frames);
    if (wait > 0 || this.#running >= limits.running) {
      socket.close(CLOSE.tooManyFrames, { retryMs: Math.max(wait, 1000) });
      return;
    }
    this.#bucket = { tokens: bucket.tokens - 1, at: now };
    const frame = parseClientFrame(text);
    if (frame === undefined || (frame.op === 'hello') !== (this.#state === 'new')) {
      socket.close(CLOSE.badFrame);
      return;
    }
    if (frame.op === 'pong') return;
    this.#running += 1;
    this.#handle(frame)
      .catch((error: unknown) => {
        onFault(error);
        socket.close(CLOSE.internal, { retryMs: 2000 });
      })
      .finally(() => {
        this.#running -= 1;
      });
  }

  /** Ends what was under way for a connection that is gone. */
  end(): void {
    this.#cancelHello();
    this.#parts.socket.gone();
    for (const channel of [...this.#joined.keys()]) this.#leave(channel);
    if (this.#account) this.#parts.caps.releaseUser(this.#account.userId);
    this.#account = undefined;
  }

  async #handle(frame: Exclude<ClientFrame, { op: 'pong' }>): Promise<void> {
    switch (frame.op) {
      case 'hello':
        return this.#greet(frame);
      case 'sub':
        return this.#subscribe(frame.to, frame.id);
      case 'unsub':
        this.#leave(frame.channel);
        return this.#answer(frame.id, { ok: true, fields: {} });
      case 'auth':
        if (await this.#authenticate(frame.ticket)) this.#answer(frame.id, { ok: true, fields: {} });
        return;
      default:
        return this.#answer(frame.id, await this.#perform(frame));
    }
  }

  async #greet({ version, ticket, profile, subs }: Hello): Promise<void> {
    const { socket, limits, clock, sid } = this.#parts;
    this.#state = 'greeting';
    this.#cancelHello();
    if (version !== GATEWAY_VERSION) return socket.close(CLOSE.wrongVersion);
    if (subs.length > limits.channels) return socket.close(CLOSE.badFrame);
    if (ticket !== undefined && !(await this.#authenticate(ticket))) return;
    this.#profile = profile;
    const { heartbeatMs, maxFrame, channels } = limits;
    const bounds = { frame: maxFrame, channels };
    const welcome = { op: 'welcome', sid, v: GATEWAY_VERSION, hb: heartbeatMs, limits: bounds, st: clock.now() };
    const finish = socket.gather();
    try {
      socket.send(JSON.stringify(welcome));
      this.#state = 'open';
      for (const to of subs) await this.#subscribe(to, undefined);
    } finally {
      finish();
    }
    if (subs.length > 0 && this.#joined.size === 0) socket.close(CLOSE.notViewable);
  }

  /** Makes the viewer somebody; closes where the ticket is not good. */
  async #authenticate(ticket: string): Promise<boolean> {
    const { access, origin, socket, caps } = this.#parts;
    const account = await access.redeem(ticket, origin);
    const isSame = this.#account === undefined || this.#account.userId === account?.userId;
    if (account === undefined || !isSame) {
      socket.close(CLOSE.badTicket);
      return false;
    }
    if (!socket.isOpen) return false;
    if (this.#account === undefined && !caps.admitUser(account.userId)) {
      socket.close(CLOSE.tooManySockets);
      return false;
    }
    this.#account = account;
    return true;
  }

  async #subscribe({ channel: id, from }: SubscribeTo, request: RequestId): Promise<void> {
    const { access, socket, limits } = this.#parts;
    if (!this.#joined.has(id) && this.#joined.size >= limits.channels) {
      return this.#answer(request, { ok: false, code: 'too_many_channels', message: 'Leave another channel first' });
    }
    const channel = await access.channel(id, this.#account);
    if (!channel) {
      return this.#answer(request, { ok: false, code: 'not_viewable', message: 'There is no such channel' });
    }
    const you = await access.you(channel, this.#account);
    // Whoever has gone meanwhile would stay a viewer for ever.
    if (!socket.isOpen) return;
    this.#leave(id);
    const subscription = channel.fanOut.join(socket, this.#profile, from, ({ epoch, seq }, rec) => {
      const { handle: r, room, tickMs: tick } = channel;
      socket.send(JSON.stringify({ op: 'joined', i: request, r, ch: id, room, epoch, seq, rec, tick, you }));
    });
    this.#joined.set(id, { channel, subscription });
    channel.feed.setViewers(channel.fanOut.viewers);
  }

  #leave(id: string): void {
    const joined = this.#joined.get(id);
    if (!joined) return;
    this.#joined.delete(id);
    const { fanOut, feed } = joined.channel;
    fanOut.leave(joined.subscription);
    feed.setViewers(fanOut.viewers);
  }

  async #perform({ op, handle, json }: Extract<ClientFrame, { op: 'send' | 'react' | 'vote' }>): Promise<Reply> {
    const joined = [...this.#joined.values()].find(({ channel }) => channel.handle === handle);
    if (!joined) return { ok: false, code: 'not_joined', message: 'Subscribe to the channel first' };
    return this.#parts.access.perform(op, joined.channel, this.#account, json);
  }

  /** Requests without an id, as reactions, are answered with errors only. */
  #answer(id: RequestId, reply: Reply): void {
    const { socket } = this.#parts;
    if (reply.ok && id !== undefined) socket.send(JSON.stringify({ ...reply.fields, op: 'ok', i: id }));
    if (reply.ok) return;
    const { code, message: msg, retryMs: retry_ms } = reply;
    socket.send(JSON.stringify({ op: 'err', i: id, code, msg, retry_ms }));
  }
}
