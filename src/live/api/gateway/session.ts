/** The conversation with one viewer: greets, subscribes, answers, and ends where it must. */
import type { Clock } from '../../../util/clock.ts';
import { CLOSE, type CloseCode } from '../../hub/sockets/close-codes.ts';
import type { SocketCaps } from '../../hub/sockets/socket-caps.ts';
import type { ViewerSocket } from '../../hub/sockets/viewer-socket.ts';
import type { Profile } from '../../hub/tick.ts';
import { type Bucket, type Rate, refilled, waitFor } from '../../rules/admission/pace.ts';
import type { Account, Credential, GatewayAccess, Operation, Reply } from './access.ts';
import { type ClientFrame, type Hello, parseClientFrame, type RequestId } from './client-frame.ts';
import type { People, PersonalSession } from './people.ts';
import { Subscriptions, type Watcher } from './subscriptions.ts';

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
  readonly people: People;
  readonly clock: Clock;
  readonly limits: SessionLimits;
  /** Public name of the connection for logs. */
  readonly sid: string;
  readonly origin: string | undefined;
  /** A ticket that came with the handshake. */
  readonly ticket: string | undefined;
  onFault(error: unknown): void;
}

export class Session implements PersonalSession, Watcher {
  readonly #parts: SessionParts;
  readonly #subscriptions: Subscriptions;
  readonly #cancelHello: () => void;
  #state: 'new' | 'greeting' | 'open' = 'new';
  #account: Account | undefined;
  #secret: string | undefined;
  #profile: Profile = 'full';
  #wantsLane = false;
  #overlayOf: string | undefined;
  #bucket: Bucket | undefined;
  #running = 0;

  constructor(parts: SessionParts) {
    this.#parts = parts;
    this.#subscriptions = new Subscriptions(parts, this);
    const { clock, limits, socket } = parts;
    this.#cancelHello = clock.after(limits.helloMs, () => socket.close(CLOSE.noHello));
    parts.people.add(this);
  }

  get account(): Account | undefined {
    return this.#account;
  }

  get profile(): Profile {
    return this.#profile;
  }

  get wantsLane(): boolean {
    return this.#wantsLane;
  }

  get userId(): string | undefined {
    return this.#account?.userId;
  }

  get deviceId(): string | undefined {
    return this.#account?.deviceId;
  }

  get overlayOf(): string | undefined {
    return this.#overlayOf;
  }

  watches(channelId: string): boolean {
    return this.#subscriptions.has(channelId);
  }

  tell(text: string): void {
    this.#parts.socket.send(text);
  }

  shut(code: CloseCode): void {
    this.#parts.socket.close(code);
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
    const { people, caps, socket, access } = this.#parts;
    this.#cancelHello();
    socket.gone();
    this.#subscriptions.removeAll();
    people.remove(this);
    if (this.#secret !== undefined) access.cut(this.#secret);
    if (this.#account) caps.releaseUser(this.#account.userId);
    this.#account = undefined;
  }

  recheck(channelId: string): Promise<void> {
    return this.#subscriptions.recheck(channelId);
  }

  async resubscribe(channelId: string): Promise<void> {
    this.#refuse(undefined, await this.#subscriptions.renew(channelId));
  }

  async #handle(frame: Exclude<ClientFrame, { op: 'pong' }>): Promise<void> {
    switch (frame.op) {
      case 'hello':
        return this.#greet(frame);
      case 'sub':
        return this.#refuse(frame.id, await this.#subscriptions.add(frame.to, frame.id));
      case 'unsub':
        this.#subscriptions.remove(frame.channel);
        return this.#answer(frame.id, { ok: true, fields: {} });
      case 'auth':
        if (!(await this.#authenticate({ kind: 'ticket', text: frame.ticket }, this.#subscriptions.ids))) return;
        this.#answer(frame.id, { ok: true, fields: { resume: this.#secret } });
        for (const channel of this.#subscriptions.ids) await this.recheck(channel);
        return;
      default:
        return this.#answer(frame.id, await this.#perform(frame));
    }
  }

  async #greet({ version, credential, overlay, profile, wantsLane, subs }: Hello): Promise<void> {
    const { socket, limits, ticket, access } = this.#parts;
    this.#state = 'greeting';
    this.#cancelHello();
    if (version !== GATEWAY_VERSION) return socket.close(CLOSE.wrongVersion);
    if (subs.length > limits.channels) return socket.close(CLOSE.badFrame);
    if (overlay !== undefined) {
      this.#overlayOf = await access.overlay(overlay);
      if (this.#overlayOf === undefined) return socket.close(CLOSE.badTicket);
    }
    const shown = credential ?? (ticket === undefined ? undefined : { kind: 'ticket' as const, text: ticket });
    const channels = subs.map(({ channel }) => channel);
    if (shown !== undefined && overlay === undefined && !(await this.#authenticate(shown, channels))) return;
    if (!socket.isOpen) return;
    this.#profile = overlay === undefined ? profile : 'overlay';
    this.#wantsLane = wantsLane;
    const finish = socket.gather();
    try {
      socket.send(this.#welcome());
      this.#state = 'open';
      for (const to of subs) this.#refuse(undefined, await this.#subscriptions.add(to, undefined));
    } finally {
      finish();
    }
    if (subs.length > 0 && this.#subscriptions.ids.length === 0) socket.close(CLOSE.notViewable);
  }

  #welcome(): string {
    const { limits, clock, sid } = this.#parts;
    const { heartbeatMs: hb, maxFrame: frame, channels } = limits;
    const [st, resume] = [clock.now(), this.#secret];
    return JSON.stringify({ op: 'welcome', sid, v: GATEWAY_VERSION, hb, limits: { frame, channels }, st, resume });
  }

  /** Makes the viewer somebody; closes where what it shows is not good. */
  async #authenticate(credential: Credential, channels: readonly string[]): Promise<boolean> {
    const { access, origin, socket, caps, people } = this.#parts;
    const account = await access.redeem(credential, origin, channels);
    const isSame = this.#account === undefined || this.#account.userId === account?.userId;
    if (account === undefined || !isSame || this.#overlayOf !== undefined) {
      socket.close(CLOSE.badTicket);
      return false;
    }
    if (!socket.isOpen) return false;
    if (this.#account === undefined && !caps.admitUser(account.userId)) {
      socket.close(CLOSE.tooManySockets);
      return false;
    }
    this.#account = account;
    people.signedIn(account.userId, this);
    if (this.#secret !== undefined) access.cut(this.#secret);
    this.#secret = access.secretFor(account, origin);
    return true;
  }

  async #perform({ op, handle, json }: Extract<ClientFrame, { op: Operation }>): Promise<Reply> {
    const channel = this.#subscriptions.byHandle(handle);
    if (!channel) return { ok: false, code: 'not_joined', message: 'Subscribe to the channel first' };
    if (this.#overlayOf !== undefined) return { ok: false, code: 'read_only', message: 'An overlay only reads' };
    return this.#parts.access.perform(op, channel, this.#account, json);
  }

  #refuse(id: RequestId, refusal: Reply | undefined): void {
    if (refusal) this.#answer(id, refusal);
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
