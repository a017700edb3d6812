import type { Storage } from '../../storage/contract/storage.ts';
import type { EventCache } from '../timeline/event-cache.ts';
import { namedMembers } from '../timeline/partial-state/named-members.ts';
import type { Room } from '../timeline/room.ts';
import type { StoredEvent } from '../timeline/stored-event.ts';

/**
 * Finds who sent the events of a page: their memberships as they were then.
 * Source: https://spec.matrix.org/v1.19/client-server-api/#lazy-loading-room-members
 */
export class LazyMembersOfPage {
  private readonly storage: Storage;
  private readonly events: EventCache;

  constructor(storage: Storage, events: EventCache) {
    this.storage = storage;
    this.events = events;
  }

  async of(room: Room, page: readonly StoredEvent[]): Promise<StoredEvent[]> {
    if (page.length === 0) return [];
    const members: StoredEvent[] = [];
    const older: number[] = [];
    const newest = page.reduce((max, event) => Math.max(max, event.position), 0);
    for (const userId of new Set(page.map((event) => event.sender))) {
      const member = room.get('m.room.member', userId);
      // Mostly the membership has not changed since.
      if (member && member.position <= newest) members.push(member);
      else if (member) older.push(room.keyNid('m.room.member', userId)!);
    }
    if (older.length > 0) {
      const rows = await this.storage.read((tx) => tx.rooms.stateAt(room.nid, older, newest));
      for (const row of rows) members.push(this.events.ofRow(row, room.id));
    }
    members.push(...(await namedMembers(this.events, room, page)));
    return members;
  }
}
