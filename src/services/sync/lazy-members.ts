import { Lru } from '../../util/lru.ts';
import type { StoredEvent } from '../timeline/stored-event.ts';
import type { SyncScope } from './sync-request.ts';

/** Which members a device was told of, and with which sync. */
interface Told {
  readonly eventNid: number;
  /** The `next_batch` position of the response that told it: believed once the client comes back with it. */
  readonly at: number;
}

/**
 * With lazy loading, the members that a device knows already need not be sent again. What was told in a response that
 * may have been lost is told again: only a `since` at or beyond that response confirms it.
 * Source: https://spec.matrix.org/v1.19/client-server-api/#lazy-loading-room-members
 */
export class LazyMembers {
  private readonly devices: Lru<string, Map<string, Told>>;

  constructor(limits: { roomsOfDevices: number }) {
    this.devices = new Lru({ max: limits.roomsOfDevices });
  }

  /** Whether the device has confirmed that it knows this membership event. */
  knows(device: string, roomId: string, userId: string, eventNid: number, since: number): boolean {
    const told = this.devices.get(`${device}\0${roomId}`)?.get(userId);
    return told !== undefined && told.eventNid === eventNid && told.at <= since;
  }

  told(device: string, roomId: string, userId: string, eventNid: number, at: number): void {
    const key = `${device}\0${roomId}`;
    let members = this.devices.get(key);
    if (!members || members.size >= MEMBERS_PER_ROOM) {
      members = new Map();
      this.devices.set(key, members);
    }
    members.set(userId, { eventNid, at });
  }

  /** A device that starts anew knows nobody. */
  forget(device: string, roomId: string): void {
    this.devices.delete(`${device}\0${roomId}`);
  }
}

const MEMBERS_PER_ROOM = 1_000;

/**
 * The members that a client needs beside these events of the timeline: who sent them, and with `state_after` those, too,
 * whose membership they are, for clients then take no state from the timeline.
 */
export function membersOf(
  timeline: readonly StoredEvent[],
  { stateAfter }: Pick<SyncScope, 'stateAfter'>,
): Set<string> {
  const members = new Set<string>();
  for (const { sender, type, stateKey } of timeline) {
    members.add(sender);
    if (stateAfter && type === 'm.room.member' && stateKey !== undefined) members.add(stateKey);
  }
  return members;
}
