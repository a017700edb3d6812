import type { PushOutcome } from '../../protocol/push-rules/evaluate.ts';
import type { EventPages } from '../history/event-pages.ts';
import type { UserRooms } from '../membership/user-rooms.ts';
import type { Room } from '../timeline/room.ts';
import type { RoomCache } from '../timeline/room-cache.ts';
import type { RoomPositions } from '../timeline/room-positions.ts';
import type { StoredEvent } from '../timeline/stored-event.ts';
import type { PushOutcomes } from './push-outcomes.ts';

/** An event that a user is notified of. */
export interface NotifiedEvent {
  /** Undefined for invites to rooms that this server is not in. */
  readonly room: Room | undefined;
  readonly event: StoredEvent;
  readonly outcome: PushOutcome;
}

export interface NotifiedEventsParts {
  readonly userRooms: UserRooms;
  readonly rooms: RoomCache;
  readonly pages: EventPages;
  readonly positions: RoomPositions;
  readonly inviteOf: (userId: string, roomId: string, eventNid: number) => Promise<StoredEvent | undefined>;
  readonly outcomes: PushOutcomes;
  readonly ignored: { ignoredUsers(userId: string): ReadonlySet<string> | Promise<ReadonlySet<string>> };
}

/** Finds what users are notified of. */
export class NotifiedEvents {
  private readonly parts: NotifiedEventsParts;

  constructor(parts: NotifiedEventsParts) {
    this.parts = parts;
  }

  /** What a user is notified of with `after` < position ≤ `upTo`, oldest first: of each room the newest at most. */
  async between(userId: string, after: number, upTo: number, perRoom: number): Promise<NotifiedEvent[]> {
    const { userRooms, positions, rooms } = this.parts;
    const own = [...(await userRooms.of(userId)).values()];
    const joined = own.filter(({ membership }) => membership === 'join');
    await positions.load(joined);
    const found: NotifiedEvent[] = [];
    for (const { roomId, position } of joined) {
      const room = positions.movedSince(roomId, after) === false ? undefined : await rooms.get(roomId);
      if (!room) continue;
      const events = await this.parts.pages.backwards(room, room.pointAt(upTo), perRoom);
      const fresh = events.filter((event) => event.position > Math.max(after, position));
      found.push(...(await this.notifying(userId, room, fresh)));
    }
    for (const { roomId, membership, position, eventNid } of own) {
      if (membership !== 'invite' || position <= after || position > upTo) continue;
      const invite = await this.parts.inviteOf(userId, roomId, eventNid);
      if (invite) found.push(...(await this.notifying(userId, await rooms.get(roomId), [invite])));
    }
    return found.sort((a, b) => a.event.position - b.event.position);
  }

  /** Those of the events of a room that notify a user. */
  async notifying(userId: string, room: Room | undefined, events: readonly StoredEvent[]): Promise<NotifiedEvent[]> {
    const ignored = await this.parts.ignored.ignoredUsers(userId);
    const found: NotifiedEvent[] = [];
    for (const event of events) {
      if (event.sender === userId || event.redactedBy !== undefined || ignored.has(event.sender)) continue;
      const outcome = this.parts.outcomes.of(userId, room, event);
      if (outcome.notify) found.push({ room, event, outcome });
    }
    return found;
  }
}
