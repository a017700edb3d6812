import { MatrixError } from '../../protocol/errors.ts';
import { isJsonObject } from '../../protocol/json.ts';
import type { Storage } from '../../storage/contract/storage.ts';
import type { SuccessionRow } from '../../storage/contract/successions.ts';
import { WriteSet } from '../../storage/contract/write-set.ts';
import type { Logger } from '../../util/logger.ts';
import { SerialJobs } from '../../util/serial-jobs.ts';
import type { StateChange, StateOutlet } from '../timeline/current-state-writes.ts';
import type { Room } from '../timeline/room.ts';
import type { RoomCache } from '../timeline/room-cache.ts';
import type { StoredEvent } from '../timeline/stored-event.ts';

/** Something that users keep for a room, each for themselves. */
interface Kept {
  carryOver(userId: string, from: string, to: string): Promise<void>;
}

export interface CarryOverParts {
  readonly storage: Storage;
  readonly rooms: RoomCache;
  readonly pushRules: Kept;
  readonly tags: Kept;
  readonly directChats: Kept;
  readonly isLocal: (userId: string) => boolean;
  readonly logger: Logger;
}

/** Notes that are read, or made, at once. */
const PIECE = 100;
/** In place of a user: all who are in the successor of a room. */
const EVERYBODY = '';

/**
 * Gives a user in the successor of a room what they kept for the old one: push rules, tags, its place among the direct
 * chats. It happens in the background when they come into the new room, or when the old one is closed where they are
 * there already; a note that is stored together with that has it done after a stop, too. The specification is silent
 * on it, but people expect a muted room to stay so.
 * Source: https://spec.matrix.org/v1.19/client-server-api/#room-upgrades
 */
export class CarryOver implements StateOutlet {
  private readonly parts: CarryOverParts;
  private readonly jobs: SerialJobs<'notes'>;

  constructor(parts: CarryOverParts) {
    this.parts = parts;
    this.jobs = new SerialJobs({
      run: (_, isStopped) => this.workOff(isStopped),
      onFailure: (err) => parts.logger.error({ err }, 'what users kept for rooms stays there until the next start'),
    });
  }

  /** Goes on with what a stop interrupted. */
  start(): void {
    this.jobs.add('notes');
  }

  /** Resolves when nothing is left to be carried over. */
  settled(): Promise<void> {
    return this.jobs.settled();
  }

  /** Carries nothing further over. */
  stop(): Promise<void> {
    return this.jobs.stop();
  }

  add(set: WriteSet, room: Room, { before, after }: StateChange): void {
    const user_id = after && this.whose(room, before, after);
    if (user_id === undefined) return;
    set.add('successions.put', { user_id, room_id: room.id }).onCommitted(() => this.jobs.add('notes'));
  }

  private whose(room: Room, before: StoredEvent | undefined, after: StoredEvent): string | undefined {
    const { type, stateKey } = after;
    if (type === 'm.room.tombstone' && stateKey === '') return EVERYBODY;
    if (type !== 'm.room.member' || stateKey === undefined || !this.parts.isLocal(stateKey)) return undefined;
    if (after.membership !== 'join' || before?.membership === 'join') return undefined;
    const create = room.decidedState.get('m.room.create', '');
    // Most rooms replace none. Of one that is entered by another server's help it may not be known yet.
    return create && predecessorIn(create) === undefined ? undefined : stateKey;
  }

  private async workOff(isStopped: () => boolean): Promise<void> {
    const { storage, logger } = this.parts;
    let last: SuccessionRow = { user_id: '', room_id: '' };
    for (;;) {
      const after = last;
      const rows = await storage.read((tx) => tx.successions.behind(after, PIECE));
      if (rows.length === 0) return;
      for (const row of rows) {
        if (isStopped()) return;
        try {
          await (row.user_id === EVERYBODY ? this.closed(row) : this.joined(row));
        } catch (err) {
          logger.warn({ err }, 'what a user kept for a room is not in its successor: tried again at the next start');
        }
        last = row;
      }
    }
  }

  private async joined(row: SuccessionRow): Promise<void> {
    const { rooms, storage } = this.parts;
    const room = await rooms.get(row.room_id);
    const predecessor = room && predecessorOf(room);
    const old = predecessor === undefined ? undefined : await rooms.get(predecessor);
    if (old && successorOf(old) === row.room_id) await this.carryOver(row.user_id, old.id, row.room_id);
    await storage.commit(new WriteSet().add('successions.delete', row));
  }

  /** Makes a note for each who is in the successor; their notes come behind this one. */
  private async closed(row: SuccessionRow): Promise<void> {
    const { rooms, storage, isLocal } = this.parts;
    const old = await rooms.get(row.room_id);
    const successor = old && successorOf(old);
    const room = successor === undefined ? undefined : await rooms.get(successor);
    const members = room && predecessorOf(room) === row.room_id ? [...room.joinedMembers()].filter(isLocal) : [];
    for (let at = 0; at < members.length; at += PIECE) {
      const set = new WriteSet();
      for (const user_id of members.slice(at, at + PIECE)) set.add('successions.put', { user_id, room_id: room!.id });
      await storage.commit(set);
    }
    await storage.commit(new WriteSet().add('successions.delete', row));
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

function predecessorIn(create: { readonly content: StoredEvent['content'] }): string | undefined {
  const { predecessor } = create.content;
  const roomId = isJsonObject(predecessor) ? predecessor['room_id'] : undefined;
  return typeof roomId === 'string' ? roomId : undefined;
}

function predecessorOf(room: Room): string | undefined {
  const create = room.stateEvent('m.room.create', '');
  return create && predecessorIn(create);
}

function successorOf(room: Room): string | undefined {
  const roomId = room.stateEvent('m.room.tombstone', '')?.content['replacement_room'];
  return typeof roomId === 'string' ? roomId : undefined;
}
