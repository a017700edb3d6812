/** The channels that one viewer watches: how it comes in, into the moderators' lane and out of it, and how it leaves. */
import type { OpenChannel } from '../../hub/channels.ts';
import { CLOSE } from '../../hub/sockets/close-codes.ts';
import type { Subscription } from '../../hub/sockets/fan-out.ts';
import type { ViewerSocket } from '../../hub/sockets/viewer-socket.ts';
import type { Profile } from '../../hub/tick.ts';
import type { Account, GatewayAccess, Reply, You } from './access.ts';
import type { RequestId, SubscribeTo } from './client-frame.ts';

/** Who watches, as it is known by now. */
export interface Watcher {
  readonly account: Account | undefined;
  /** The one channel that the key of an overlay opens. */
  readonly overlayOf: string | undefined;
  readonly profile: Profile;
  /** Whether it wants the moderators' lane, where it moderates. */
  readonly wantsLane: boolean;
}

export interface SubscriptionsParts {
  readonly socket: ViewerSocket;
  readonly access: Pick<GatewayAccess, 'channel' | 'mayStay' | 'you'>;
  readonly limits: { readonly channels: number };
}

interface Joined {
  readonly channel: OpenChannel;
  readonly subscription: Subscription;
  /** Leaves the moderators' lane. */
  leaveLane: (() => void) | undefined;
}

type Refusal = Extract<Reply, { ok: false }>;

const TOO_MANY: Refusal = { ok: false, code: 'too_many_channels', message: 'Leave another channel first' };
const NOT_VIEWABLE: Refusal = { ok: false, code: 'not_viewable', message: 'There is no such channel' };

export class Subscriptions {
  readonly #parts: SubscriptionsParts;
  readonly #watcher: Watcher;
  readonly #joined = new Map<string, Joined>();

  constructor(parts: SubscriptionsParts, watcher: Watcher) {
    this.#parts = parts;
    this.#watcher = watcher;
  }

  /** The channels, by their ids. */
  get ids(): readonly string[] {
    return [...this.#joined.keys()];
  }

  has(id: string): boolean {
    return this.#joined.has(id);
  }

  /** The channel that frames name by a number. */
  byHandle(handle: number): OpenChannel | undefined {
    return [...this.#joined.values()].find(({ channel }) => channel.handle === handle)?.channel;
  }

  /** Answers why not; otherwise the frame `joined` says where the viewer stands. */
  async add({ channel: id, from, laneFrom }: SubscribeTo, request: RequestId): Promise<Refusal | undefined> {
    const { access, socket, limits } = this.#parts;
    const { account, overlayOf, profile } = this.#watcher;
    if (!this.#joined.has(id) && this.#joined.size >= limits.channels) return TOO_MANY;
    const isOpened = overlayOf === undefined || overlayOf === id;
    const channel = isOpened ? await access.channel(id, account, overlayOf === id) : undefined;
    if (!channel) return NOT_VIEWABLE;
    const you = await access.you(channel, this.#watcher.account);
    // Whoever has gone meanwhile would stay a viewer for ever.
    if (!socket.isOpen) return undefined;
    // The channel may have been closed to it meanwhile.
    if (!access.mayStay(id, account, overlayOf === id)) return NOT_VIEWABLE;
    this.remove(id);
    const subscription = channel.fanOut.join(socket, profile, from, ({ epoch, seq }, rec) => {
      const { handle: r, room, tickMs: tick, lane } = channel;
      const mseq = this.#isOnLane(you) ? lane.last : undefined;
      socket.send(JSON.stringify({ op: 'joined', i: request, r, ch: id, room, epoch, seq, rec, tick, you, mseq }));
    });
    const joined: Joined = { channel, subscription, leaveLane: undefined };
    this.#joined.set(id, joined);
    this.#settleLane(joined, you, laneFrom);
    channel.feed.setViewers(channel.fanOut.viewers);
    return undefined;
  }

  remove(id: string): void {
    const joined = this.#joined.get(id);
    if (!joined) return;
    this.#joined.delete(id);
    joined.leaveLane?.();
    const { fanOut, feed } = joined.channel;
    fanOut.leave(joined.subscription);
    feed.setViewers(fanOut.viewers);
  }

  removeAll(): void {
    for (const id of this.ids) this.remove(id);
  }

  /** Looks again whether and as whom the viewer may watch, and tells. */
  async recheck(id: string): Promise<void> {
    const { access, socket } = this.#parts;
    const joined = this.#joined.get(id);
    if (!joined) return;
    const { account, overlayOf } = this.#watcher;
    const channel = await access.channel(id, account, overlayOf === id);
    if (!channel) {
      socket.close(CLOSE.notViewable);
      return;
    }
    if (!this.#watcher.account) return;
    const you = await access.you(channel, this.#watcher.account);
    if (you.why === 'banned') {
      socket.close(CLOSE.banned);
      return;
    }
    this.#settleLane(joined, you, undefined);
    socket.send(JSON.stringify({ op: 'me', r: channel.handle, you }));
  }

  /** Begins anew in the room that the channel has now. Answers why not. */
  async renew(id: string): Promise<Refusal | undefined> {
    const before = this.#joined.get(id);
    const refusal = await this.add({ channel: id, from: undefined, laneFrom: undefined }, undefined);
    // Whoever may not come along would wait where nothing is said any more.
    if (before && this.#joined.get(id) === before) this.#parts.socket.close(CLOSE.notViewable);
    return refusal;
  }

  #isOnLane({ role }: You): boolean {
    return this.#watcher.wantsLane && (role === 'streamer' || role === 'moderator');
  }

  /** Lets moderators into their lane, and others out of it. */
  #settleLane(joined: Joined, you: You, from: number | undefined): void {
    const { socket } = this.#parts;
    if (!this.#isOnLane(you)) {
      joined.leaveLane?.();
      joined.leaveLane = undefined;
    } else if (joined.leaveLane === undefined) {
      const { lane } = joined.channel;
      for (const { text } of from === undefined ? [] : (lane.after(from) ?? [])) socket.send(text);
      joined.leaveLane = lane.join(({ text }) => socket.send(text));
    }
  }
}
