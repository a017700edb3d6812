import { relationIn } from '../../protocol/events/relations.ts';
import type { Storage } from '../../storage/contract/storage.ts';
import { Lru } from '../../util/lru.ts';
import type { NoticeBoard } from '../events.ts';
import type { EventCache } from '../timeline/event-cache.ts';
import type { Room } from '../timeline/room.ts';
import type { StoredEvent } from '../timeline/stored-event.ts';

const NOTHING: ReadonlySet<string> = new Set();
/** Relations of a room that are remembered one by one; beyond, its events are looked up anew. */
const REMEMBERED = 1_000;

/** What has come to be related in a room since `since`, by the events that it relates to. */
interface RecentTargets {
  since: number;
  readonly targets: Map<string, number>;
}

/**
 * Knows how other events relate to events, so that pages of events to which nothing relates cost no query: each event
 * in memory carries what was found, with the time of looking as a serial number, and later relations are noted.
 */
export class RelatedEvents {
  private readonly storage: Storage;
  private readonly rooms: Lru<number, RecentTargets>;
  private serial = 1;

  constructor(storage: Storage, events: EventCache, notices: NoticeBoard, limits: { rooms: number }) {
    this.storage = storage;
    this.rooms = new Lru({ max: limits.rooms });
    notices.on('timeline', ({ eventNid }) => {
      const event = events.peek(eventNid);
      if (event) this.added(event);
    });
    notices.on('oldEvent', ({ eventNid }) => {
      const event = events.peek(eventNid);
      if (!event) return;
      this.serial += 1;
      this.note(event);
    });
  }

  /** For each event to which others relate, the types of relation. Those that were redacted may be among them. */
  async types(room: Room, events: readonly StoredEvent[]): Promise<ReadonlyMap<StoredEvent, ReadonlySet<string>>> {
    const recent = this.recentOf(room.nid);
    const unknown = events.filter((event) => !isKnown(event, recent));
    if (unknown.length > 0) await this.lookUp(room, unknown);
    const found = new Map<StoredEvent, ReadonlySet<string>>();
    for (const event of events) {
      const types = event.relations?.types;
      if (types && types.size > 0) found.set(event, types);
    }
    return found;
  }

  private async lookUp(room: Room, events: readonly StoredEvent[]): Promise<void> {
    // What is committed while the query runs has a later serial.
    const asOf = this.serial;
    const ids = events.map((event) => event.eventId);
    const rows = await this.storage.read((tx) => tx.relations.typesOf(room.nid, ids));
    const types = new Map<string, Set<string>>();
    for (const { relates_to, rel_type } of rows) {
      const known = types.get(relates_to);
      if (known) known.add(rel_type);
      else types.set(relates_to, new Set([rel_type]));
    }
    for (const event of events) event.relations = { types: types.get(event.eventId) ?? NOTHING, asOf };
  }

  private added(event: StoredEvent): void {
    this.serial += 1;
    // Nothing can relate to an event before it is there.
    event.relations = { types: NOTHING, asOf: this.serial };
    this.note(event);
  }

  /** What the event relates to is looked up anew. */
  private note(event: StoredEvent): void {
    const relation = event.stateKey === undefined ? relationIn(event.content) : undefined;
    if (!relation) return;
    const recent = this.recentOf(event.roomNid);
    if (recent.targets.size >= REMEMBERED) {
      recent.targets.clear();
      recent.since = this.serial;
    }
    recent.targets.set(relation.eventId, this.serial);
  }

  private recentOf(roomNid: number): RecentTargets {
    let recent = this.rooms.get(roomNid);
    if (!recent) {
      recent = { since: this.serial, targets: new Map() };
      this.rooms.set(roomNid, recent);
    }
    return recent;
  }
}

function isKnown({ eventId, relations }: StoredEvent, { since, targets }: RecentTargets): boolean {
  return relations !== undefined && relations.asOf >= since && relations.asOf >= (targets.get(eventId) ?? 0);
}
