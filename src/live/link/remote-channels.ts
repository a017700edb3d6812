/** The channels that a gateway in a process of its own serves: from the order in Redis, and by what the server tells. */
import type { JsonObject } from '../../protocol/json.ts';
import type { Crowd } from '../api/gateway/people.ts';
import type { Channels, OpenChannel } from '../hub/channels.ts';
import type { ViewersMode } from '../rules/channel-state.ts';
import { DoorWatch } from './door-watch.ts';
import { KnownChannel, type KnownChannelParts } from './known-channel.ts';
import { LinkError } from './link.ts';
import type { ServerNews, SumsJson, WatchedJson } from './messages.ts';

export interface RemoteChannelsParts extends KnownChannelParts {
  readonly channels: Channels;
  readonly people: Crowd;
  /** Only some may watch a channel from now on, as its order says: before anything is told that is for them alone. */
  onClosed(channelId: string): void;
  onFault(error: unknown): void;
}

/** A channel that is open here. */
export interface RemoteChannel {
  readonly open: OpenChannel;
  /** Whether anybody may watch. */
  readonly isPublic: boolean;
  /** The content of the settings of the channel. */
  readonly settings: JsonObject | undefined;
}

const RETRY_MS = 1000;
/** What is left of a snapshot of a channel that nobody tells of any more. */
const NO_FACTS = '"set":null,"shield":null,"pin":null,"ses":null,"polls":[]';

export class RemoteChannels {
  readonly #parts: RemoteChannelsParts;
  readonly #known = new Map<string, KnownChannel>();
  readonly #asking = new Map<string, Promise<RemoteChannel | undefined>>();
  /** Those of which what is kept is to be let go of, when they are next asked about. */
  readonly #over = new Set<string>();
  /** What was open last, by channel. */
  readonly #shown = new Map<string, OpenChannel>();
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
    const known = this.#known.get(id);
    if (known) known.usedAt = this.#parts.clock.now();
    const asking = this.#asking.get(id);
    if (!asking && known?.open && (known.isFresh || !this.#parts.link.isUp)) return asTold(known);
    try {
      return await (asking ?? this.#ask(id));
    } catch (error) {
      if (!(error instanceof LinkError) || this.#parts.link.isUp || !known?.open) throw error;
      return asTold(known);
    }
  }

  /** Has everything looked at anew that may have changed while there was no link. */
  async refresh(): Promise<void> {
    for (const known of this.#known.values()) known.isFresh = false;
    await Promise.all([...this.#known.keys()].map((id) => this.#refresh(id)));
  }

  lane({ ch, seq, entry }: ServerNews['lane']): void {
    this.#known.get(ch)?.takeLane(seq, entry);
  }

  facts({ ch, facts }: ServerNews['facts']): void {
    this.#known.get(ch)?.setFacts(facts);
  }

  sums(sums: SumsJson): void {
    this.#known.get(sums.ch)?.takeSums(sums);
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
    if (!this.#known.has(id)) return;
    this.#over.add(id);
    await this.#ask(id);
  }

  /** The link is lost: what is counted is told when it is back. */
  unlink(): void {
    for (const known of this.#known.values()) known.unlink();
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
      this.#shown.delete(known.id);
      link.tell('leave', { ch: known.id });
      await this.#close(known.room);
    }
  }

  async #refresh(id: string): Promise<void> {
    const { link, people, clock, onFault } = this.#parts;
    try {
      await this.#ask(id);
      await people.recheckAll(id);
    } catch (error) {
      onFault(error);
      // Without a link everything is looked at anew when it is back.
      if (link.isUp) clock.after(RETRY_MS, () => void this.#refresh(id));
    }
  }

  /** One question after the other: what is answered last is how it stands. */
  #ask(id: string): Promise<RemoteChannel | undefined> {
    const begin = () => this.#watch(id);
    const before = this.#asking.get(id);
    const asking = (before ? before.then(begin, begin) : begin()).finally(() => {
      if (this.#asking.get(id) === asking) this.#asking.delete(id);
    });
    this.#asking.set(id, asking);
    // Whoever asks is told what went wrong.
    asking.then((now) => this.#show(id, now?.open)).catch(() => undefined);
    return asking;
  }

  /** Where it is another one that is open now, viewers of the one before go on there. */
  #show(id: string, open: OpenChannel | undefined): void {
    const before = this.#shown.get(id);
    if (open) this.#shown.set(id, open);
    else this.#shown.delete(id);
    const isLeft = before !== undefined && open !== undefined && before !== open && before.fanOut.viewers > 0;
    if (isLeft) this.#parts.people.resubscribe(id).catch(this.#parts.onFault);
  }

  async #watch(id: string): Promise<RemoteChannel | undefined> {
    const { link, channels } = this.#parts;
    await link.ask('watch', { ch: id }, ({ channel }) => this.#arrive(id, channel));
    const known = this.#known.get(id);
    if (!known) return undefined;
    if (this.#over.delete(id)) await channels.close(known.room);
    const facts = () => this.#known.get(id)?.facts ?? NO_FACTS;
    const open = await channels.open({ id, room: known.room, facts, displayRate: () => 0 });
    if (!this.#guarded.has(open)) {
      this.#guarded.add(open);
      open.feed.observe(new DoorWatch((viewers) => this.#said(open, viewers)));
    }
    known.opened(open);
    return asTold(known);
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
    // What was said to some is not for those who come now.
    if (before && channel.isPublic && !before.isPublic) this.#over.add(id);
    if (before?.room !== channel.room) this.#over.delete(id);
    this.#left.delete(channel.room);
    this.#known.set(id, new KnownChannel(this.#parts, id, channel));
  }

  #forget(known: KnownChannel): void {
    known.unlink();
    this.#known.delete(known.id);
  }

  async #close(room: string): Promise<void> {
    this.#left.delete(room);
    await this.#parts.channels.close(room);
  }
}

function asTold({ open, isPublic, settings }: KnownChannel): RemoteChannel | undefined {
  return open && { open, isPublic, settings };
}
