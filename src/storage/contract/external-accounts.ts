/** An account that belongs to a user of another application. */
export interface ExternalAccountRow {
  /** An application by its name in the configuration, or `oidc` and the address of a provider. */
  readonly issuer: string;
  readonly subject: string;
  readonly user_id: string;
  readonly created_at: number;
  /** Names of the roles that they had there at their last login: a JSON array. */
  readonly roles: string;
}

export interface ExternalAccountStore {
  find(issuer: string, subject: string): Promise<ExternalAccountRow | undefined>;
  ofUser(userId: string): Promise<ExternalAccountRow[]>;
}

declare module './write-set.ts' {
  interface Mutations {
    /** A subject that has an account already is a conflict. */
    'external_accounts.insert': ExternalAccountRow;
    'external_accounts.setRoles': Pick<ExternalAccountRow, 'issuer' | 'subject' | 'roles'>;
  }
}
