/** Where notifications of a user are sent. */
export interface PusherRow {
  readonly user_id: string;
  readonly app_id: string;
  readonly pushkey: string;
  /** The device whose session set it; null for users without one. */
  readonly device_id: string | null;
  readonly kind: string;
  readonly app_display_name: string;
  readonly device_display_name: string;
  readonly profile_tag: string | null;
  readonly lang: string;
  /** JSON. */
  readonly data: string;
  readonly enabled: number;
  readonly created_at: number;
  /** Stream position up to which it has been told. */
  readonly position: number;
}

type PusherKey = Pick<PusherRow, 'user_id' | 'app_id' | 'pushkey'>;

export interface PusherStore {
  /** Those whose devices are there. */
  ofUser(userId: string): Promise<PusherRow[]>;
  /** Who has any. */
  users(): Promise<{ user_id: string }[]>;
}

declare module './write-set.ts' {
  interface Mutations {
    'pushers.put': PusherRow;
    'pushers.delete': PusherKey;
    /** Those of everybody but this user. */
    'pushers.deleteOfOthers': PusherKey;
    'pushers.deleteOfDevice': { user_id: string; device_id: string };
    'pushers.deleteOf': { user_id: string };
    /** Those whose devices are gone. */
    'pushers.deleteOrphans': { now: number };
    /** Leaves only the newest `keep` of a user. */
    'pushers.trim': { user_id: string; keep: number };
    'pushers.advance': PusherKey & { position: number };
  }
}
