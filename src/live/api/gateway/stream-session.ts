/** A viewer that reads one channel as server-sent events: what a session of the gateway is, but only told things. */
import type { OpenChannel } from '../../hub/channels.ts';
import type { Position } from '../../hub/order/room-order.ts';
import { CLOSE, type CloseCode } from '../../hub/sockets/close-codes.ts';
import type { EventStream } from '../../hub/sockets/event-stream.ts';
import type { Subscription } from '../../hub/sockets/fan-out.ts';
import type { Profile } from '../../hub/tick.ts';
import type { Account, GatewayAccess, You } from './access.ts';
import type { People, PersonalSession } from './people.ts';

export interface StreamSessionParts {
  readonly stream: EventStream;
  readonly access: Pick<GatewayAccess, 'channel' | 'mayStay' | 'you'>;
  readonly people: People;
  readonly account: Account | undefined;
  readonly profile: Profile;
  /** Whether it wants the moderators' lane, where it moderates. */
  readonly wantsLane: boolean;
}

/** Where a reader goes on: in the channel, and in the moderators' lane. */
export interface ReadFrom {
  readonly place: Position | undefined;
  readonly lane: number | undefined;
}

export class StreamSession implements PersonalSession {
  readonly #parts: StreamSessionParts;
  #joined: { readonly channel: OpenChannel; readonly subscription: Subscription } | undefined;
  #leaveLane: (() => void) | undefined;

  constructor(parts: StreamSessionParts) {
    this.#parts = parts;
    parts.people.add(this);
    if (parts.account) parts.people.signedIn(parts.account.userId, this);
  }

  get userId(): string | undefined {
    return this.#parts.account?.userId;
  }

  get deviceId(): string | undefined {
    return this.#parts.account?.deviceId;
  }

  watches(channelId: string): boolean {
    return this.#joined?.channel.id === channelId;
  }

  tell(text: string): void {
    this.#parts.stream.tell(text);
  }

  shut(code: CloseCode): void {
    this.#parts.stream.close(code);
  }

  /** Begins to tell of a channel, which the viewer may watch. */
  async read(channel: OpenChannel, { place, lane }: ReadFrom): Promise<void> {
    const { access, stream, account, profile } = this.#parts;
    const you = await access.you(channel, account);
    // Whoever has gone meanwhile would stay a viewer for ever.
    if (!stream.isOpen) return;
    // The channel may have been closed to it meanwhile.
    if (!access.mayStay(channel.id, account, false)) return this.shut(CLOSE.notViewable);
    this.#leave();
    const { handle: r, id: ch, room, tickMs: tick } = channel;
    const mseq = this.#isOnLane(you) ? channel.lane.last : undefined;
    const subscription = channel.fanOut.join(stream, profile, place, ({ epoch, seq }, rec) => {
      stream.tell(JSON.stringify({ op: 'joined', r, ch, room, epoch, seq, rec, tick, you, mseq }));
    });
    this.#joined = { channel, subscription };
    this.#stand(channel, you, lane);
    channel.feed.setViewers(channel.fanOut.viewers);
  }

  async recheck(channelId: string): Promise<void> {
    const { access, account } = this.#parts;
    const channel = await access.channel(channelId, account);
    if (!channel) return this.shut(CLOSE.notViewable);
    if (!account) return;
    const you = await access.you(channel, account);
    // Whoever has gone meanwhile, or begun anew elsewhere, would be told for ever of what it has left.
    if (this.#joined?.channel !== channel) return;
    if (you.why === 'banned') return this.shut(CLOSE.banned);
    this.#stand(channel, you, undefined);
    this.tell(JSON.stringify({ op: 'me', r: channel.handle, you }));
  }

  async resubscribe(channelId: string): Promise<void> {
    const { access, account } = this.#parts;
    const channel = await access.channel(channelId, account);
    if (!channel) return this.shut(CLOSE.notViewable);
    await this.read(channel, { place: undefined, lane: undefined });
  }

  /** The connection is gone. */
  end(): void {
    this.#leave();
    this.#parts.people.remove(this);
  }

  #isOnLane({ role }: You): boolean {
    return this.#parts.wantsLane && (role === 'streamer' || role === 'moderator');
  }

  /** Lets moderators into their lane, and others out of it. */
  #stand({ lane }: OpenChannel, you: You, from: number | undefined): void {
    if (!this.#isOnLane(you)) {
      this.#leaveLane?.();
      this.#leaveLane = undefined;
    } else if (this.#leaveLane === undefined) {
      for (const { text } of from === undefined ? [] : (lane.after(from) ?? [])) this.tell(text);
      this.#leaveLane = lane.join(({ text }) => this.tell(text));
    }
  }

  #leave(): void {
    this.#leaveLane?.();
    this.#leaveLane = undefined;
    if (!this.#joined) return;
    const { subscription, channel } = this.#joined;
    this.#joined = undefined;
    channel.fanOut.leave(subscription);
    channel.feed.setViewers(channel.fanOut.viewers);
  }
}
