import type { PositionOffset } from './write-set.ts';

export interface AccountDataRow {
  readonly user_id: string;
  /** `''` for the account as a whole. */
  readonly room_id: string;
  readonly type: string;
  /** JSON of an object. */
  readonly content: string;
  readonly position: number;
}

export interface AccountDataStore {
  get(userId: string, roomId: string, type: string): Promise<AccountDataRow | undefined>;
  /** What was set with `after` < position ≤ `upTo`, oldest first. */
  changedSince(userId: string, after: number, upTo: number): Promise<AccountDataRow[]>;
  /** The position of the newest change; 0 if there is none. */
  lastPosition(userId: string): Promise<number>;
  count(userId: string): Promise<number>;
  /** Everybody's row of type `m.push_rules`. */
  pushRules(): Promise<AccountDataRow[]>;
}

type NewAccountDataRow = Omit<AccountDataRow, 'position'> & { readonly position: PositionOffset };

declare module './write-set.ts' {
  interface Mutations {
    'account_data.put': NewAccountDataRow;
    /** A conflict if there is such a row already. */
    'account_data.insert': NewAccountDataRow;
    /** A conflict unless the row is still as it was at position `expected`. */
    'account_data.replace': NewAccountDataRow & { readonly expected: number };
    /** Everything of a user. */
    'account_data.deleteUser': { user_id: string };
  }
}
