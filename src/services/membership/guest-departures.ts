import { MatrixError } from '../../protocol/errors.ts';
import { guestsCanJoin } from '../../protocol/events/content-readers.ts';
import type { Storage } from '../../storage/contract/storage.ts';
import type { Logger } from '../../util/logger.ts';
import { SerialJobs } from '../../util/serial-jobs.ts';
import type { NoticeBoard } from '../events.ts';
import type { RoomCache } from '../timeline/room-cache.ts';
import type { Membership } from './membership.ts';

const GUEST_ACCESS = 'm.room.guest_access';

export interface GuestDeparturesParts {
  readonly storage: Storage;
  readonly notices: NoticeBoard;
  readonly rooms: RoomCache;
  readonly membership: Membership;
  readonly logger: Logger;
}

/**
 * Makes guests leave rooms that do not take guests any more; those that a stop leaves behind go at the next start.
 * Source: https://spec.matrix.org/v1.19/client-server-api/#guest-access
 */
export class GuestDepartures {
  private readonly parts: GuestDeparturesParts;
  private readonly jobs: SerialJobs<string>;

  constructor(parts: GuestDeparturesParts) {
    this.parts = parts;
    this.jobs = new SerialJobs({
      run: (roomId, isStopped) => this.clear(roomId, isStopped),
      onFailure: (err, roomId) =>
        parts.logger.error({ err, roomId }, 'guests could not leave a room: tried again at the next start'),
    });
    parts.notices.on('currentState', ({ roomId, type, stateKey, after }) => {
      if (type === GUEST_ACCESS && stateKey === '' && !guestsCanJoin(after?.content)) this.jobs.add(roomId);
    });
  }

  async start(): Promise<void> {
    const guests = await this.parts.storage.readHeavy((tx) => tx.accounts.guestsIn(undefined));
    for (const roomId of new Set(guests.map((guest) => guest.room_id))) this.jobs.add(roomId);
  }

  /** Resolves when all who have to have left. */
  settled(): Promise<void> {
    return this.jobs.settled();
  }

  stop(): Promise<void> {
    return this.jobs.stop();
  }

  private async clear(roomId: string, isStopped: () => boolean): Promise<void> {
    const { storage, rooms } = this.parts;
    const room = await rooms.get(roomId);
    if (isStopped() || !room || guestsCanJoin(room.decidedState.get(GUEST_ACCESS, '')?.content)) return;
    for (const { user_id } of await storage.read((tx) => tx.accounts.guestsIn(roomId))) {
      if (!isStopped()) await this.leave(user_id, roomId);
    }
  }

  private async leave(userId: string, roomId: string): Promise<void> {
    try {
      await this.parts.membership.leave(userId, roomId);
    } catch (error) {
      if (!(error instanceof MatrixError) || error.status >= 500) throw error;
      this.parts.logger.warn({ roomId, reason: error.message }, 'a guest could not leave a room');
    }
  }
}
