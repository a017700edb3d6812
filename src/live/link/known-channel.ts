/** A channel as the server has told a gateway of it, and what comes of it until it is open here. */
import { isJsonObject, type JsonObject } from '../../protocol/json.ts';
import type { Clock } from '../../util/clock.ts';
import type { OpenChannel } from '../hub/channels.ts';
import type { SumsJson, WatchedJson } from './messages.ts';
import type { ServerLink } from './server-link.ts';
import { Sums, type SumsLimits } from './sums.ts';

export interface KnownChannelParts {
  readonly clock: Clock;
  readonly link: ServerLink;
  readonly sums: SumsLimits;
  /** Frames of the moderators' lane that are kept. */
  readonly laneFrames: number;
}

export class KnownChannel {
  readonly #parts: KnownChannelParts;
  readonly id: string;
  readonly room: string;
  /** Whether anybody may watch. */
  isPublic: boolean;
  /** Whether it is of the link that there is now. */
  isFresh = true;
  /** When it was last asked for. */
  usedAt: number;
  #facts = '';
  #settings: JsonObject | undefined;
  #viewersElsewhere: number;
  /** Entries of the moderators' lane that came before it was open, and the last number of that lane. */
  readonly #lane: (readonly [seq: number, entry: string])[];
  readonly #laneLast: number;
  #open: OpenChannel | undefined;
  #sums: Sums | undefined;

  constructor(parts: KnownChannelParts, id: string, { room, isPublic, facts, viewersElsewhere, lane }: WatchedJson) {
    this.#parts = parts;
    this.id = id;
    this.room = room;
    this.isPublic = isPublic;
    this.usedAt = parts.clock.now();
    this.#viewersElsewhere = viewersElsewhere;
    this.#lane = [...lane.entries];
    this.#laneLast = lane.last;
    this.setFacts(facts);
  }

  get open(): OpenChannel | undefined {
    return this.#open;
  }

  /** Members of a JSON object for snapshots. */
  get facts(): string {
    return this.#facts;
  }

  /** The content of the settings of the channel. */
  get settings(): JsonObject | undefined {
    return this.#settings;
  }

  /** It is open here: what has come of it meanwhile goes in, and what is counted here is told. */
  opened(open: OpenChannel): void {
    const { clock, link, sums: limits } = this.#parts;
    this.#open = open;
    const { lane, feed } = open;
    if (this.#laneLast < lane.last) lane.restart();
    for (const [seq, entry] of this.#lane.splice(0)) lane.take(seq, entry);
    feed.setViewersElsewhere(this.#viewersElsewhere);
    feed.factsChanged();
    if (!this.isFresh) return;
    this.#sums = new Sums(
      {
        ...{ clock, limits, feed, channelId: this.id },
        viewers: () => feed.viewers.here,
        tell: (sums) => link.tell('sums', sums),
        factsChanged: () => undefined,
      },
      undefined,
    );
    this.#sums.viewersChanged();
  }

  takeLane(seq: number, entry: string): void {
    if (this.#open) this.#open.lane.take(seq, entry);
    else this.#lane.push([seq, entry]);
    if (this.#lane.length > this.#parts.laneFrames) this.#lane.shift();
  }

  setFacts(facts: string): void {
    this.#facts = facts;
    const { set } = JSON.parse(`{${facts}}`) as JsonObject;
    this.#settings = isJsonObject(set) ? set : undefined;
    this.#open?.feed.factsChanged();
  }

  takeSums(sums: SumsJson): void {
    this.#viewersElsewhere = sums.viewers ?? this.#viewersElsewhere;
    this.#open?.feed.setViewersElsewhere(this.#viewersElsewhere);
    this.#sums?.take(sums);
  }

  /** The link is lost, or there is newer word: what is counted is not told by this one any more. */
  unlink(): void {
    this.isFresh = false;
    this.#sums?.stop();
    this.#sums = undefined;
  }
}
