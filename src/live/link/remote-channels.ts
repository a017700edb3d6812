/** The channels that a gateway in a process of its own serves: from the order in Redis, and by what the server tells. */
import { isJsonObject, type JsonObject } from '../../protocol/json.ts';
import type { Clock } from '../../util/clock.ts';
import type { Crowd } from '../api/gateway/people.ts';
import type { Channels, OpenChannel } from '../hub/channels.ts';
import type { ViewersMode } from '../rules/channel-state.ts';
import { DoorWatch } from './door-watch.ts';
import { LinkError } from './link.ts';
import type { ServerNews, SumsJson, WatchedJson } from './messages.ts';
import type { ServerLink } from './server-link.ts';
import { Sums, type SumsLimits } from './sums.ts';

export interface RemoteChannelsParts {
  readonly clock: Clock;
  readonly link: ServerLink;
  readonly channels: Channels;
  readonly people: Crowd;
  readonly sums: SumsLimits;
  /** Frames of the moderators' lane that are kept. */
  readonly laneFrames: number;
  /** Only some may watch a channel from now on, as its order says: before anything is told that is for them alone. */
  onClosed(channelId: string): void;
  onFault(error: unknown): void;
}

/** A channel as the server has told of it. */
export interface RemoteChannel {
  readonly id: string;
  readonly open: OpenChannel;
  /** Whether anybody may watch. */
  readonly isPublic: boolean;
  /** The content of the settings of the channel. */
  readonly settings: JsonObject | undefined;
}

interface Known {
  readonly id: string;
  readonly room: string;
  isPublic: boolean;
  settings: JsonObject | undefined;
  /** Whether it is of this link. */
  isFresh: boolean;
  /** What is kept of its chat is to be let go of. */
  isOver: boolean;
  usedAt: number;
  viewersElsewhere: number;
  /** Entries of the moderators' lane that came before it was open. */
  readonly lane: (readonly [seq: number, entry: string])[];
  laneLast: number;
  open: OpenChannel | undefined;
  sums: Sums | undefined;
}

const RETRY_MS = 1000;
/** What is left of a snapshot of a channel that nobody tells of any more. */
const NO_FACTS = '"set":null,"shield":null,"pin":null,"ses":null,"polls":[]';

export class RemoteChannels {
  readonly #parts: RemoteChannelsParts;
  readonly #known = new Map<string, Known>();
  readonly #asking = new Map<string, Promise<RemoteChannel | undefined>>();
  /** By room, for a channel is opened once. */
  readonly #facts = new Map<string, string>();
  /** Those whose orders are looked at. */
  readonly #guarded = new WeakSet<OpenChannel>();
  /** Channels that have moved on to another room, until the last viewer has left the one before. */
  readonly #left = new Map<string, OpenChannel>();

  constructor(parts: RemoteChannelsParts) {
    this.#parts = parts;
  }

  /** Channels that are open. */
  get size(): number {
    return this.#known.size;
  }

  get ids(): readonly string[] {
    return [...this.#known.keys()];
  }

  /**
   * A channel, if there is one. While there is no link, as it was.
   *
   * @throws LinkError where it is not known and there is no link; what the order throws that is out of reach
   */
  async of(id: string): Promise<RemoteChannel | undefined> {
    const asking = this.#asking.get(id);
    if (asking) return asking;
    const known = this.#known.get(id);
    if (known?.open && (known.isFresh || !this.#parts.link.isUp)) {
      known.usedAt = this.#parts.clock.now();
      return { id, open: known.open, isPublic: known.isPublic, settings: known.settings };
    }
    return this.#ask(id);
  }

  /** Has everything looked at anew that may have changed while there was no link. */
  async refresh(): Promise<void> {
    for (const known of this.#known.values()) known.isFresh = false;
    await Promise.all([...this.#known.keys()].map((id) => this.#refresh(id)));
  }

  lane({ ch, seq, entry }: ServerNews['lane']): void {
    const known = this.#known.get(ch);
    if (known?.open) known.open.lane.take(seq, entry);
    else if (known) {
      known.lane.push([seq, entry]);
      if (known.lane.length > this.#parts.laneFrames) known.lane.shift();
    }
  }

  facts({ ch, facts }: ServerNews['facts']): void {
    const known = this.#known.get(ch);
    if (!known) return;
    this.#setFacts(known, facts);
    known.open?.feed.factsChanged();
  }

  sums(sums: SumsJson): void {
    const known = this.#known.get(sums.ch);
    if (!known) return;
    known.viewersElsewhere = sums.viewers ?? known.viewersElsewhere;
    known.open?.feed.setViewersElsewhere(known.viewersElsewhere);
    known.sums?.take(sums);
  }

  /** Whether anybody may watch, as far as it is known. */
  isPublic(id: string): boolean {
    return this.#known.get(id)?.isPublic === true;
  }

  /**
   * Whether anybody may watch now. Where it was for some only, what was said to them is there until the server has begun
   * anew: nobody is let in before it says so.
   */
  setPublic(id: string, isPublic: boolean): void {
    const known = this.#known.get(id);
    if (known?.isPublic && !isPublic) known.isPublic = false;
    else if (known && known.isPublic !== isPublic) known.isFresh = false;
  }

  /** The channel is in another room now, or begins anew in its own: viewers go on there. */
  async move(id: string): Promise<void> {
    const known = this.#known.get(id);
    if (known) Object.assign(known, { isFresh: false, isOver: true });
    await this.#parts.people.resubscribe(id);
  }

  /** The link is lost: what is counted is told when it is back. */
  unlink(): void {
    for (const known of this.#known.values()) {
      known.isFresh = false;
      known.sums?.stop();
      known.sums = undefined;
    }
  }

  /** Closes channels that nobody watches and nobody has asked for of late. */
  async closeIdle(idleMs: number): Promise<void> {
    const { clock, link } = this.#parts;
    const before = clock.now() - idleMs;
    for (const [room, { fanOut }] of [...this.#left]) if (fanOut.viewers === 0) await this.#close(room);
    for (const known of [...this.#known.values()]) {
      const isWatched = known.open === undefined || known.open.fanOut.viewers > 0;
      if (isWatched || known.usedAt > before || this.#asking.has(known.id)) continue;
      this.#forget(known);
      link.tell('leave', { ch: known.id });
      await this.#close(known.room);
    }
  }

  async #refresh(id: string): Promise<void> {
    const { link, people, clock, onFault } = this.#parts;
    const before = this.#known.get(id)?.open;
    try {
      const now = await this.#ask(id);
      if (now && now.open !== before) await people.resubscribe(id);
      else await people.recheckAll(id);
    } catch (error) {
      onFault(error);
      // Without a link everything is looked at anew when it is back.
      if (link.isUp) clock.after(RETRY_MS, () => void this.#refresh(id));
    }
  }

  #ask(id: string): Promise<RemoteChannel | undefined> {
    const asking = this.#watch(id).finally(() => {
      if (this.#asking.get(id) === asking) this.#asking.delete(id);
    });
    this.#asking.set(id, asking);
    return asking;
  }

  async #watch(id: string): Promise<RemoteChannel | undefined> {
    const { link, channels, clock, sums: limits } = this.#parts;
    await link.ask('watch', { ch: id }, ({ channel }) => this.#arrive(id, channel));
    const known = this.#known.get(id);
    if (!known) return undefined;
    const { room } = known;
    if (known.isOver) await channels.close(room);
    known.isOver = false;
    const facts = () => this.#facts.get(room) ?? NO_FACTS;
    const open = await channels.open({ id, room, facts, displayRate: () => 0 });
    if (this.#known.get(id) !== known) throw new LinkError('the link to the server was lost');
    known.open = open;
    if (!this.#guarded.has(open)) {
      this.#guarded.add(open);
      open.feed.observe(new DoorWatch((viewers) => this.#said(open, viewers)));
    }
    if (known.laneLast < open.lane.last) open.lane.restart();
    for (const [seq, entry] of known.lane.splice(0)) open.lane.take(seq, entry);
    open.feed.setViewersElsewhere(known.viewersElsewhere);
    open.feed.factsChanged();
    if (known.isFresh && !known.sums) {
      const viewers = () => open.feed.viewers.here;
      const tell = (sums: SumsJson) => link.tell('sums', sums);
      const factsChanged = () => undefined;
      known.sums = new Sums({ clock, limits, channelId: id, feed: open.feed, viewers, tell, factsChanged }, undefined);
      known.sums.viewersChanged();
    }
    return { id, open, isPublic: known.isPublic, settings: known.settings };
  }

  #said(open: OpenChannel, viewers: ViewersMode): void {
    const isHere = this.#known.get(open.id)?.open === open;
    if (isHere && viewers !== 'anyone' && this.isPublic(open.id)) this.#parts.onClosed(open.id);
  }

  /** Takes in what the server says of a channel, before what it says next. */
  #arrive(id: string, channel: WatchedJson | undefined): void {
    const before = this.#known.get(id);
    if (before) this.#forget(before);
    if (before?.open && before.room !== channel?.room) this.#left.set(before.room, before.open);
    if (!channel) return;
    const { room, isPublic, facts, viewersElsewhere, lane } = channel;
    const known: Known = {
      ...{ id, room, isPublic, viewersElsewhere, settings: undefined, isFresh: true, usedAt: this.#parts.clock.now() },
      // What was said to some is not for those who come now.
      isOver: before !== undefined && before.room === room && (before.isOver || (isPublic && !before.isPublic)),
      ...{ lane: [...lane.entries], laneLast: lane.last, open: undefined, sums: undefined },
    };
    this.#left.delete(room);
    this.#known.set(id, known);
    this.#setFacts(known, facts);
  }

  #setFacts(known: Known, facts: string): void {
    this.#facts.set(known.room, facts);
    const { set } = JSON.parse(`{${facts}}`) as JsonObject;
    known.settings = isJsonObject(set) ? set : undefined;
  }

  #forget(known: Known): void {
    known.sums?.stop();
    known.sums = undefined;
    if (this.#known.get(known.id) === known) this.#known.delete(known.id);
  }

  async #close(room: string): Promise<void> {
    this.#left.delete(room);
    this.#facts.delete(room);
    await this.#parts.channels.close(room);
  }
}
