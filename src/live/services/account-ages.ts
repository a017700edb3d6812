/** Since when accounts of this server are there: remembered, for admission asks with each message. */
import { serverOf } from '../../protocol/identifiers/parts.ts';
import type { Storage } from '../../storage/contract/storage.ts';
import { Lru } from '../../util/lru.ts';

export class AccountAges {
  readonly #storage: Pick<Storage, 'read'>;
  readonly #serverName: string;
  readonly #known: Lru<string, number>;

  constructor(storage: Pick<Storage, 'read'>, serverName: string, max: number) {
    this.#storage = storage;
    this.#serverName = serverName;
    this.#known = new Lru({ max });
  }

  /** Milliseconds since the epoch; undefined for those who have no account here. */
  async of(userId: string): Promise<number | undefined> {
    const known = this.#known.get(userId);
    if (known !== undefined) return known;
    if (serverOf(userId) !== this.#serverName) return undefined;
    const row = await this.#storage.read((tx) => tx.accounts.user(userId));
    if (row) this.#known.set(userId, row.created_at);
    return row?.created_at;
  }
}
