/** What sync reads, sliced to what it needs of each: it writes nothing. */
import type { JsonObject } from '../../protocol/json.ts';
import type { Storage } from '../../storage/contract/storage.ts';
import type { Clock } from '../../util/clock.ts';
import type { UserRooms } from '../membership/user-rooms.ts';
import type { EventCache } from '../timeline/event-cache.ts';
import type { Room } from '../timeline/room.ts';
import type { RoomCache } from '../timeline/room-cache.ts';
import type { RoomPositions } from '../timeline/room-positions.ts';
import type { StoredEvent } from '../timeline/stored-event.ts';
import type { RoomUnreadCounts } from '../unread/unread-tally.ts';

/** Account data as it is stored: its content is JSON text. */
export interface StoredAccountData {
  readonly type: string;
  readonly content: string;
}

export interface KeyCounts {
  readonly oneTimeKeyCounts: Readonly<Record<string, number>>;
  readonly unusedFallbackKeyTypes: readonly string[];
}

export interface SyncSources {
  readonly storage: Storage;
  readonly clock: Clock;
  readonly rooms: RoomCache;
  readonly events: EventCache;
  readonly userRooms: UserRooms;
  readonly positions: RoomPositions;
  readonly accountData: {
    changedSince(
      userId: string,
      since: number,
      upTo: number,
    ): Promise<{
      readonly global: readonly StoredAccountData[];
      readonly rooms: ReadonlyMap<string, readonly StoredAccountData[]>;
    }>;
    ignoredUsers(userId: string): ReadonlySet<string> | Promise<ReadonlySet<string>>;
  };
  readonly receipts: {
    changedSince(roomNid: number, since: number, upTo: number, userId: string): Promise<JsonObject | undefined>;
  };
  readonly typing: {
    readonly instance: string;
    readonly serial: number;
    in(roomId: string): { readonly userIds: readonly string[]; readonly serial: number };
  };
  readonly presence: {
    readonly serial: number;
    /** The `m.presence` events of users whom `userId` may see, changed after `serial`. */
    changedSince(userId: string, serial: number): Promise<readonly JsonObject[]>;
    seen(userId: string, state: 'online' | 'unavailable' | 'offline' | undefined, deviceId: string): void;
  };
  readonly toDevice: {
    pending(
      userId: string,
      deviceId: string,
      after: number,
      upTo: number,
      limit: number,
    ): Promise<readonly { readonly position: number; readonly json: string }[]>;
    hasNone(userId: string, deviceId: string, after: number): boolean;
    confirm(userId: string, deviceId: string, upTo: number): Promise<void> | void;
  };
  readonly deviceLists: {
    /** Whether members of the room see each other's devices. */
    reaches(room: Room): boolean;
    changedSince(
      userId: string,
      since: number,
      upTo: number,
    ): Promise<{ changed: readonly string[]; left: readonly string[] }>;
  };
  readonly deviceKeys: {
    counts(userId: string, deviceId: string): Promise<KeyCounts>;
  };
  readonly unread: {
    counts(userId: string, room: Room): Promise<RoomUnreadCounts>;
  };
  readonly visibility: {
    /** Those of `events` (of one room, oldest first) that the user may see. */
    filter(room: Room, userId: string, events: readonly StoredEvent[]): Promise<readonly StoredEvent[]>;
    /** The same without what erased users have said in them, if the user came later. */
    shown(room: Room, userId: string, events: readonly StoredEvent[]): Promise<readonly StoredEvent[]>;
    /** The event by which somebody who is not in the room now left it; undefined if they never were. */
    leftBy(room: Room, userId: string): Promise<StoredEvent | undefined>;
  };
  readonly transactions: {
    /** Makes sure that the user's own recent events know the transactions that made them. */
    lookUp(events: Iterable<StoredEvent>, userId: string): Promise<void>;
  };
  readonly relations: {
    /** The members of `m.relations` of those events that have any, by event id. */
    bundles(room: Room, userId: string, events: readonly StoredEvent[]): Promise<ReadonlyMap<string, string>>;
  };
}
