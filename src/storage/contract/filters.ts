export interface FilterRow {
  readonly user_id: string;
  readonly filter_id: string;
  readonly json: string;
  readonly created_at: number;
}

export interface FilterStore {
  get(userId: string, filterId: string): Promise<FilterRow | undefined>;
}

declare module './write-set.ts' {
  interface Mutations {
    'filters.insert': FilterRow;
    /** Deletes all but the newest `keep` filters of a user. */
    'filters.trim': { user_id: string; keep: number };
    /** Everything of a user. */
    'filters.deleteUser': { user_id: string };
  }
}
