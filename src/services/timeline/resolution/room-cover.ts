import type { Pdu } from '../../../protocol/events/pdu.ts';
import { authEventIds } from '../../../protocol/state-resolution/event-lookup.ts';
import { IndexedChainCover, type ListedCover } from '../../../protocol/state-resolution/indexed-chain-cover.ts';
import { stateMapKey, stateMapKeyOf } from '../../../protocol/state-resolution/state-map.ts';
import type { EventRow } from '../../../storage/contract/events.ts';
import type { ReadTx } from '../../../storage/contract/read-tx.ts';
import type { DecidedEvent } from './large-resolutions.ts';

export type ReadStorage = <T>(fn: (tx: ReadTx) => Promise<T>) => Promise<T>;

/** A cover as it is stored, in JSON. */
interface StoredCover extends ListedCover<number> {
  /** The greatest number of an event that was looked at. */
  readonly upTo: number;
}

/** Events read at once. */
const BATCH = 2_000;
/** A cover is stored anew when it has grown by this part of what is stored: the rest is found out again each time. */
const GROWTH = 1 / 4;

/** An event that has no place yet. */
interface Unplaced {
  readonly nid: number;
  readonly key: string;
  readonly authEventIds: readonly string[];
}

/** The chain cover of a room's state events, by their numbers: what is stored of it, and what came since. */
export class RoomCover {
  private readonly read: ReadStorage;
  private readonly roomNid: number;
  /** Numbers of events by their ids, of those that came up. */
  private readonly nids = new Map<string, number>();
  private stored: number;

  private constructor(
    read: ReadStorage,
    roomNid: number,
    readonly cover: IndexedChainCover<number>,
    private upTo: number,
  ) {
    this.read = read;
    this.roomNid = roomNid;
    this.stored = cover.size;
  }

  static async load(read: ReadStorage, roomNid: number): Promise<RoomCover> {
    const text = await read((tx) => tx.rooms.authChainCover(roomNid));
    if (text === undefined) return new RoomCover(read, roomNid, new IndexedChainCover<number>(), 0);
    const { upTo, ...listed } = JSON.parse(text) as StoredCover;
    return new RoomCover(read, roomNid, IndexedChainCover.from(listed), upTo);
  }

  /** Gives a place to every state event of the room that was stored since. */
  async catchUp(): Promise<void> {
    let waiting: Unplaced[] = [];
    for (;;) {
      const rows = await this.read((tx) => tx.events.stateEvents(this.roomNid, this.upTo, BATCH));
      if (rows.length === 0) break;
      for (const row of rows) this.nids.set(row.event_id, row.event_nid);
      this.upTo = rows.at(-1)!.event_nid;
      waiting = await this.place([...waiting, ...rows.map(unplacedOf)]);
    }
  }

  /** Gives a place to these, which may have been stored after events that came later, and to what they name. */
  async include(nids: Iterable<number>): Promise<void> {
    const found = new Map<number, Unplaced>();
    let rows = await this.rowsOf([...nids].filter((nid) => !this.cover.has(nid)));
    while (rows.length > 0) {
      for (const row of rows) {
        this.nids.set(row.event_id, row.event_nid);
        found.set(row.event_nid, unplacedOf(row));
      }
      const named = await this.nidsOf(rows.flatMap((row) => unplacedOf(row).authEventIds));
      rows = await this.rowsOf(named.filter((nid) => !this.cover.has(nid) && !found.has(nid)));
    }
    await this.place([...found.values()]);
  }

  /** The cover with events that are not stored yet, and may never be. */
  async with(events: readonly DecidedEvent[]): Promise<IndexedChainCover<number>> {
    if (events.length === 0) return this.cover;
    const own = new Map(events.map(({ eventId, nid }) => [eventId, nid]));
    const read = events.map(({ nid, json }) => ({ nid, pdu: JSON.parse(json) as Pdu }));
    const states = read.filter(({ pdu }) => pdu.state_key !== undefined);
    const before = states.flatMap(({ pdu }) => authEventIds(pdu)).filter((id) => !own.has(id));
    await this.include(await this.nidsOf(before));
    const cover = this.cover.fork();
    for (const { nid, pdu } of states) {
      const named = authEventIds(pdu).map((id) => own.get(id) ?? this.nids.get(id) ?? 0);
      if (named.every((one) => cover.has(one))) cover.add(nid, stateMapKeyOf(pdu), named);
    }
    return cover;
  }

  /** What is to be stored, if that is worth it. */
  takeGrown(): { events: number; cover: string } | undefined {
    const { size } = this.cover;
    if (size - this.stored <= this.stored * GROWTH) return undefined;
    this.stored = size;
    const cover: StoredCover = { ...this.cover.listed, upTo: this.upTo };
    return { events: size, cover: JSON.stringify(cover) };
  }

  /** Places events after those that they name; answers those that name others which have no place. */
  private async place(events: readonly Unplaced[]): Promise<Unplaced[]> {
    await this.nidsOf(events.flatMap((event) => event.authEventIds));
    let waiting = events;
    for (let placed = -1; placed !== 0; ) {
      const left = waiting.filter((event) => !this.placeOne(event));
      placed = waiting.length - left.length;
      waiting = left;
    }
    return [...waiting];
  }

  private placeOne({ nid, key, authEventIds: ids }: Unplaced): boolean {
    if (this.cover.has(nid)) return true;
    const named = ids.map((id) => this.nids.get(id) ?? 0);
    if (!named.every((one) => this.cover.has(one))) return false;
    this.cover.add(nid, key, named);
    return true;
  }

  /** The numbers of those of the events that are stored. */
  private async nidsOf(eventIds: readonly string[]): Promise<number[]> {
    const unknown = [...new Set(eventIds)].filter((id) => !this.nids.has(id));
    for (let at = 0; at < unknown.length; at += BATCH) {
      const rows = await this.read((tx) => tx.events.nidsByIds(this.roomNid, unknown.slice(at, at + BATCH)));
      for (const row of rows) this.nids.set(row.event_id, row.event_nid);
    }
    return [...new Set(eventIds)].flatMap((id) => this.nids.get(id) ?? []);
  }

  private async rowsOf(nids: readonly number[]): Promise<EventRow[]> {
    const rows: EventRow[] = [];
    for (let at = 0; at < nids.length; at += BATCH) {
      rows.push(...(await this.read((tx) => tx.events.byNids(nids.slice(at, at + BATCH)))));
    }
    return rows.filter((row) => row.state_key !== null);
  }
}

function unplacedOf({ event_nid: nid, type, state_key: stateKey, json }: EventRow): Unplaced {
  return { nid, key: stateMapKey(type, stateKey ?? ''), authEventIds: authEventIds(JSON.parse(json) as Pdu) };
}
