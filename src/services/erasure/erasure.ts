import type { Storage } from '../../storage/contract/storage.ts';
import { WriteSet } from '../../storage/contract/write-set.ts';
import type { Logger } from '../../util/logger.ts';
import { SerialJobs } from '../../util/serial-jobs.ts';
import type { NoticeBoard } from '../events.ts';

/** Something that users leave behind. */
export interface Leftovers {
  /** Deletes a piece of it, of about `limit` parts; false once nothing is left. Asked again at the next start if it fails. */
  deleteOf(userId: string, limit: number): Promise<boolean>;
}

export interface ErasureParts {
  /** In this order. */
  readonly leftovers: readonly Leftovers[];
  readonly storage: Storage;
  readonly notices: NoticeBoard;
  readonly logger: Logger;
}

const PIECE = 50;

/**
 * Deletes in the background what an erased user has left beside the account itself, as files and what makes messages
 * findable. What a stop interrupts goes on at the next start.
 */
export class Erasure {
  private readonly parts: ErasureParts;
  private readonly jobs: SerialJobs<string>;
  private readonly leftovers: Leftovers[];

  constructor(parts: ErasureParts) {
    this.parts = parts;
    this.leftovers = [...parts.leftovers];
    this.jobs = new SerialJobs({
      run: (userId, isStopped) => this.erase(userId, isStopped),
      onFailure: (err) =>
        parts.logger.error(
          { err },
          'not all that an erased user has left could be deleted: tried again at the next start',
        ),
    });
    parts.notices.on('accountDeactivated', ({ userId, erase }) => {
      if (erase) this.jobs.add(userId);
    });
  }

  /** Before anything is erased: of what is registered later, something may stay. */
  register(leftovers: Leftovers): void {
    this.leftovers.push(leftovers);
  }

  /** Goes on with those of whom something may be left. */
  async start(): Promise<void> {
    const rows = await this.parts.storage.read((tx) => tx.accounts.erasing());
    for (const { user_id } of rows) this.jobs.add(user_id);
  }

  /** Resolves when nothing is left of anybody. */
  settled(): Promise<void> {
    return this.jobs.settled();
  }

  /** Deletes no further piece. */
  stop(): Promise<void> {
    return this.jobs.stop();
  }

  private async erase(userId: string, isStopped: () => boolean): Promise<void> {
    for (const each of this.leftovers) {
      while (!isStopped() && (await each.deleteOf(userId, PIECE)));
    }
    if (!isStopped()) await this.parts.storage.commit(new WriteSet().add('users.vanished', { user_id: userId }));
  }
}
