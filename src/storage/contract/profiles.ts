export interface ProfileFieldRow {
  readonly user_id: string;
  readonly field: string;
  /** JSON. */
  readonly value: string;
}

export interface ProfileStore {
  of(userId: string): Promise<ProfileFieldRow[]>;
}

declare module './write-set.ts' {
  interface Mutations {
    'profile_fields.put': ProfileFieldRow;
    'profile_fields.delete': { user_id: string; field: string };
    'profile_fields.deleteOf': { user_id: string };
  }
}
