import { MatrixError } from '../../protocol/errors.ts';
import type { Logger } from '../../util/logger.ts';
import { SerialJobs } from '../../util/serial-jobs.ts';
import type { NoticeBoard } from '../events.ts';
import type { Membership } from './membership.ts';
import type { UserRooms } from './user-rooms.ts';

/** What is remembered of users who were deactivated and may still be in rooms. */
export interface DepartingUsers {
  departing(): Promise<readonly string[]>;
  /** The user is in no room any more. */
  departed(userId: string): Promise<void>;
}

export interface DeparturesParts {
  readonly notices: NoticeBoard;
  readonly membership: Membership;
  readonly userRooms: UserRooms;
  readonly users: DepartingUsers;
  readonly logger: Logger;
}

const TO_LEAVE: ReadonlySet<string> = new Set(['join', 'invite', 'knock']);

/** Makes deactivated users leave their rooms, in the background; what a stop interrupts goes on at the next start. */
export class Departures {
  readonly #parts: DeparturesParts;
  readonly #jobs: SerialJobs<string>;

  constructor(parts: DeparturesParts) {
    this.#parts = parts;
    this.#jobs = new SerialJobs({
      run: (userId, isStopped) => this.#depart(userId, isStopped),
      onFailure: (err) =>
        parts.logger.error({ err }, 'a deactivated user could not leave all rooms: tried again at the next start'),
    });
    parts.notices.on('accountDeactivated', ({ userId }) => this.#jobs.add(userId));
  }

  /** Goes on with those who had not left all rooms when the server stopped. */
  async start(): Promise<void> {
    for (const userId of await this.#parts.users.departing()) this.#jobs.add(userId);
  }

  /** Resolves when everybody has left. */
  settled(): Promise<void> {
    return this.#jobs.settled();
  }

  /** Leaves no further room. */
  stop(): Promise<void> {
    return this.#jobs.stop();
  }

  async #depart(userId: string, isStopped: () => boolean): Promise<void> {
    const { userRooms, users } = this.#parts;
    for (const room of [...(await userRooms.of(userId)).values()]) {
      if (isStopped()) return;
      if (TO_LEAVE.has(room.membership)) await this.#leave(userId, room.roomId);
    }
    await users.departed(userId);
  }

  async #leave(userId: string, roomId: string): Promise<void> {
    try {
      await this.#parts.membership.leave(userId, roomId, undefined, true);
    } catch (error) {
      if (!(error instanceof MatrixError) || error.status >= 500) throw error;
      this.#parts.logger.warn({ roomId, reason: error.message }, 'a deactivated user could not leave a room');
    }
  }
}
