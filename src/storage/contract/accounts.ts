export interface UserRow {
  readonly user_id: string;
  readonly password_hash: string | null;
  readonly created_at: number;
  readonly is_admin: number;
  readonly is_guest: number;
  readonly suspended: number;
  readonly locked: number;
  readonly appservice_id: string | null;
  readonly deactivated_at: number | null;
  readonly erased: number;
  readonly departing: number;
  /** 1 for users without rate limits. */
  readonly unlimited: number;
  /** Rate limits of the user, in percent of those of others. */
  readonly limit_percent: number;
  /** Stream position at which the user was erased; 0 for those who are not. */
  readonly erased_position: number;
  /** 1 while not all that an erased user has left is gone. */
  readonly erasing: number;
  /** Changes of name or avatar that not all rooms have been told of. */
  readonly untold_profiles: number;
  /** Of the terms, the versions that the user has agreed to and those of which they were told. */
  readonly agreed_terms: string | null;
  readonly told_terms: string | null;
}

export interface RegistrationTokenRow {
  readonly token: string;
  /** `null` for any number. */
  readonly uses_allowed: number | null;
  readonly pending: number;
  readonly completed: number;
  readonly expires_at: number | null;
  readonly created_at: number;
  readonly grants_admin: number;
}

export interface AccountStore {
  user(userId: string): Promise<UserRow | undefined>;
  /** Whether there is any user who is a person: not a guest, not of an application service. */
  hasPeople(): Promise<boolean>;
  /** Deactivated users who may still be in rooms. */
  departing(): Promise<{ user_id: string }[]>;
  /** Guests who are joined to rooms: of one room, or of all. */
  guestsIn(roomId: string | undefined): Promise<{ user_id: string; room_id: string }[]>;
  /** Erased users of whom something may still be there. */
  erasing(): Promise<{ user_id: string }[]>;
  hasErased(): Promise<boolean>;
  /** Those of the users who are erased. */
  erasedAmong(userIds: readonly string[]): Promise<Pick<UserRow, 'user_id' | 'erased_position'>[]>;
  /** Users whose rooms have not all been told of their profile. */
  withUntoldProfiles(): Promise<{ user_id: string }[]>;
  registrationToken(token: string): Promise<RegistrationTokenRow | undefined>;
  /** The newest first. */
  registrationTokens(): Promise<RegistrationTokenRow[]>;
}

declare module './write-set.ts' {
  interface Mutations {
    /** A user id that exists is a conflict. */
    'users.insert': Omit<
      UserRow,
      'unlimited' | 'limit_percent' | 'erased_position' | 'erasing' | 'untold_profiles' | 'agreed_terms' | 'told_terms'
    >;
    'users.agree': { user_id: string; agreed_terms: string };
    'users.tellTerms': { user_id: string; told_terms: string };
    'users.setPassword': { user_id: string; password_hash: string };
    'users.setAdmin': { user_id: string; is_admin: number };
    'users.setSuspended': { user_id: string; suspended: number };
    'users.setLimitPercent': { user_id: string; limit_percent: number };
    'users.setUnlimited': { user_id: string; unlimited: number };
    'users.setLocked': { user_id: string; locked: number };
    /** Forgets the password too. A conflict if the user is deactivated already. */
    'users.deactivate': { user_id: string; deactivated_at: number; erased: number; erased_position: number };
    /** A guest gets a password and is none any more. A conflict if they are none. */
    'users.upgradeGuest': { user_id: string; password_hash: string };
    'users.departed': { user_id: string };
    /** All that an erased user has left is gone. */
    'users.vanished': { user_id: string };
    'users.profileChanged': { user_id: string };
    /** The rooms of a user know the profile as of a number of changes. */
    'users.profileTold': { user_id: string; untold_profiles: number };

    'registration_tokens.insert': RegistrationTokenRow;
    'registration_tokens.update': { token: string; uses_allowed: number | null; expires_at: number | null };
    'registration_tokens.delete': { token: string };
    /** Deletes the token of the first start. */
    'registration_tokens.deleteFirst': Record<never, never>;
    /** Counts a registration that begins; a conflict if the token allows no more, or has expired before `now`. */
    'registration_tokens.reserve': { token: string; now: number };
    /** Counts a registration that was given up. */
    'registration_tokens.release': { token: string };
    /** A registration that has begun is complete. */
    'registration_tokens.complete': { token: string };
  }
}
