import { MatrixError } from '../../protocol/errors.ts';
import { isJsonObject } from '../../protocol/json.ts';
import { LimitedConcurrency } from '../../util/limited-concurrency.ts';
import type { Logger } from '../../util/logger.ts';
import type { NoticeBoard, Notices } from '../events.ts';
import type { Room } from '../timeline/room.ts';
import type { RoomCache } from '../timeline/room-cache.ts';

/** Something that users keep for a room, each for themselves. */
interface Kept {
  carryOver(userId: string, from: string, to: string): Promise<void>;
}

export interface CarryOverParts {
  readonly notices: NoticeBoard;
  readonly rooms: RoomCache;
  readonly pushRules: Kept;
  readonly tags: Kept;
  readonly directChats: Kept;
  readonly isLocal: (userId: string) => boolean;
  readonly logger: Logger;
}

/** Moves that are made at the same time, and those that may wait: beyond, users keep what they have in the old room. */
const PLACES = { running: 4, waiting: 10_000 };

/**
 * Gives a user in the successor of a room what they kept for the old one: push rules, tags, its place among the direct
 * chats. It happens when they come into the new room, or when the old one is closed where they are there already. The
 * specification is silent on it, but people expect a muted room to stay so.
 * Source: https://spec.matrix.org/v1.19/client-server-api/#room-upgrades
 */
export class CarryOver {
  private readonly parts: CarryOverParts;
  private readonly places = new LimitedConcurrency(PLACES);
  private readonly running = new Set<Promise<void>>();

  constructor(parts: CarryOverParts) {
    this.parts = parts;
    parts.notices.on('currentState', (notice) => this.note(notice));
  }

  /** Resolves when nothing is being moved. */
  async settled(): Promise<void> {
    while (this.running.size > 0) await Promise.all(this.running);
  }

  private note({ type, stateKey, roomId, before, after }: Notices['currentState']): void {
    if (type === 'm.room.tombstone' && stateKey === '' && after) this.begin(() => this.closed(roomId));
    if (type !== 'm.room.member' || !this.parts.isLocal(stateKey)) return;
    if (after?.membership !== 'join' || before?.membership === 'join') return;
    const room = this.parts.rooms.peek(roomId);
    // Most rooms replace none.
    if (room?.stateEvent('m.room.create', '') && predecessorOf(room) === undefined) return;
    this.begin(() => this.joined(stateKey, roomId));
  }

  private begin(work: () => Promise<void>): void {
    const done = this.places
      .run(work, () => new TooManyWaiting())
      .catch((error: unknown) => {
        this.parts.logger.warn({ err: error }, 'what a user kept for a room is not in its successor');
      })
      .finally(() => this.running.delete(done));
    this.running.add(done);
  }

  private async joined(userId: string, roomId: string): Promise<void> {
    const room = await this.parts.rooms.get(roomId);
    const predecessor = room && predecessorOf(room);
    const old = predecessor === undefined ? undefined : await this.parts.rooms.get(predecessor);
    if (room && old && successorOf(old) === roomId) await this.carryOver(userId, old.id, roomId);
  }

  private async closed(roomId: string): Promise<void> {
    const old = await this.parts.rooms.get(roomId);
    const successor = old && successorOf(old);
    const room = successor === undefined ? undefined : await this.parts.rooms.get(successor);
    if (!room || predecessorOf(room) !== roomId) return;
    for (const userId of room.joinedMembers()) {
      if (this.parts.isLocal(userId)) await this.carryOver(userId, roomId, room.id);
    }
  }

  private async carryOver(userId: string, from: string, to: string): Promise<void> {
    const { pushRules, tags, directChats, logger } = this.parts;
    for (const kept of [pushRules, tags, directChats]) {
      try {
        await kept.carryOver(userId, from, to);
      } catch (error) {
        // A bound of what the user may keep.
        if (!(error instanceof MatrixError) || error.status >= 500) throw error;
        logger.debug({ reason: error.message }, 'what a user kept for a room has no place in its successor');
      }
    }
  }
}

class TooManyWaiting extends Error {}

function predecessorOf(room: Room): string | undefined {
  const predecessor = room.stateEvent('m.room.create', '')?.content['predecessor'];
  const roomId = isJsonObject(predecessor) ? predecessor['room_id'] : undefined;
  return typeof roomId === 'string' ? roomId : undefined;
}

function successorOf(room: Room): string | undefined {
  const roomId = room.stateEvent('m.room.tombstone', '')?.content['replacement_room'];
  return typeof roomId === 'string' ? roomId : undefined;
}
