import { membershipIn } from '../../protocol/events/content-readers.ts';
import type { Storage } from '../../storage/contract/storage.ts';
import { Lru } from '../../util/lru.ts';
import type { NoticeBoard } from '../events.ts';
import type { EventCache } from '../timeline/event-cache.ts';
import type { Room } from '../timeline/room.ts';
import type { StoredEvent } from '../timeline/stored-event.ts';

/** Every event that was the current state under one key of a room, oldest first. */
export type StateHistory = readonly StoredEvent[];

const NONE: StateHistory = [];

/** What single pieces of state have been over time; kept until they change. */
export class StateHistories {
  private readonly storage: Storage;
  private readonly events: EventCache;
  private readonly known: Lru<string, StateHistory>;

  constructor(storage: Storage, events: EventCache, notices: NoticeBoard, limits: { entries: number }) {
    this.storage = storage;
    this.events = events;
    this.known = new Lru({ max: limits.entries, sizeOf: (history) => history.length + 1 });
    // What is resolved may come back: the last event alone does not tell whether anything was in between.
    notices.on('currentState', ({ roomNid, type, stateKey }) => this.known.delete(nameOf(roomNid, type, stateKey)));
  }

  of(room: Room, type: string, stateKey: string): StateHistory | Promise<StateHistory> {
    const present = room.get(type, stateKey);
    if (!present) return NONE;
    // Most state has never been anything else.
    if (present.unsigned === '' && !room.hadBranches) return [present];
    const known = this.known.get(nameOf(room.nid, type, stateKey));
    return known?.at(-1)?.nid === present.nid ? known : this.load(room, type, stateKey);
  }

  private async load(room: Room, type: string, stateKey: string): Promise<StateHistory> {
    const keyNid = room.keyNid(type, stateKey)!;
    const rows = await this.storage.read((tx) => tx.rooms.stateHistory(room.nid, keyNid));
    const nids = rows.map((row) => row.event_nid).filter((nid) => nid !== null);
    const events = await this.events.byNids(nids, room);
    const history = nids.map((nid) => events.get(nid)).filter((event) => event !== undefined);
    this.known.set(nameOf(room.nid, type, stateKey), history);
    return history;
  }
}

function nameOf(roomNid: number, type: string, stateKey: string): string {
  return `${roomNid}\0${type}\0${stateKey}`;
}

/** The event of a history that was the state right before a stream position. */
export function before(history: StateHistory, position: number): StoredEvent | undefined {
  return history.findLast((event) => event.position < position);
}

/** Of a user's memberships, the last event that took them out of the room after they had been in it. */
export function lastLeave(memberships: StateHistory): StoredEvent | undefined {
  const lastIn = memberships.findLastIndex((event) => membershipIn(event.content) === 'join');
  return lastIn < 0 ? undefined : memberships[lastIn + 1];
}
