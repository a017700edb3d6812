import type { Storage } from '../../storage/contract/storage.ts';
import { Lru } from '../../util/lru.ts';
import type { NoticeBoard } from '../events.ts';

const NOBODY: ReadonlyMap<string, number> = new Map();

/** Who was erased, and when: asked for every page of events that anybody sees. */
export class ErasedUsers {
  private readonly storage: Storage;
  private readonly isLocal: (userId: string) => boolean;
  /** Positions by user, 0 for those who are not erased. */
  private readonly known: Lru<string, number>;
  private any: boolean | undefined;
  /** Grows with every erasure, so that what was read before it is not kept. */
  private changes = 0;

  constructor(
    storage: Storage,
    notices: NoticeBoard,
    isLocal: (userId: string) => boolean,
    limits: { readonly users: number },
  ) {
    this.storage = storage;
    this.isLocal = isLocal;
    this.known = new Lru({ max: limits.users });
    notices.on('accountDeactivated', ({ userId, erase }) => {
      this.changes += 1;
      this.known.delete(userId);
      if (erase) this.any = true;
    });
  }

  /** Stream positions at which those of the users who are erased were. */
  async among(userIds: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const { changes } = this;
    if (this.any === undefined) {
      const any = await this.storage.read((tx) => tx.accounts.hasErased());
      if (changes === this.changes) this.any = any;
    }
    if (this.any === false) return NOBODY;
    const local = [...new Set(userIds)].filter(this.isLocal);
    const unknown = local.filter((userId) => !this.known.has(userId));
    if (unknown.length > 0) {
      const rows = await this.storage.read((tx) => tx.accounts.erasedAmong(unknown));
      const found = new Map(rows.map((row) => [row.user_id, row.erased_position]));
      if (changes === this.changes) for (const userId of unknown) this.known.set(userId, found.get(userId) ?? 0);
      // Of more users than are kept, what was found counts.
      return this.positions(local, found);
    }
    return this.positions(local, NOBODY);
  }

  private positions(userIds: readonly string[], found: ReadonlyMap<string, number>): ReadonlyMap<string, number> {
    const positions = userIds.map((userId): [string, number] => [
      userId,
      this.known.get(userId) ?? found.get(userId) ?? 0,
    ]);
    const erased = positions.filter(([, position]) => position > 0);
    return erased.length === 0 ? NOBODY : new Map(erased);
  }
}
