import { MatrixError } from '../../protocol/errors.ts';
import type { Logger } from '../../util/logger.ts';
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
  #running: Promise<void> = Promise.resolve();
  #isStopped = false;

  constructor(parts: DeparturesParts) {
    this.#parts = parts;
    parts.notices.on('accountDeactivated', ({ userId }) => this.#enqueue(userId));
  }

  /** Goes on with those who had not left all rooms when the server stopped. */
  async start(): Promise<void> {
    for (const userId of await this.#parts.users.departing()) this.#enqueue(userId);
  }

  /** Resolves when everybody has left. */
  settled(): Promise<void> {
    return this.#running;
  }

  /** Leaves no further room. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#running;
  }

  #enqueue(userId: string): void {
    this.#running = this.#running.then(() => this.#depart(userId));
  }

  async #depart(userId: string): Promise<void> {
    const { userRooms, users, logger } = this.#parts;
    try {
      for (const room of [...(await userRooms.of(userId)).values()]) {
        if (this.#isStopped) return;
        if (TO_LEAVE.has(room.membership)) await this.#leave(userId, room.roomId);
      }
      await users.departed(userId);
    } catch (err) {
      logger.error({ err }, 'a deactivated user could not leave all rooms: tried again at the next start');
    }
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
