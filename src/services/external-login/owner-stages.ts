import type { Accounts } from '../accounts/accounts.ts';
import { JWT, PASSWORD, SSO } from '../sessions/stages.ts';
import type { ExternalAccounts } from './external-accounts.ts';

/** How accounts are tied to an OpenID Connect provider: no name of an application in the configuration looks like it. */
export function issuerKey(issuer: string): string {
  return `oidc ${new URL(issuer).href}`;
}

/** Where accounts may be of. */
export interface ExternalIssuers {
  /** Addresses of OpenID Connect providers. */
  readonly sso: readonly string[];
  /** Applications that sign tokens. */
  readonly jwt: readonly string[];
}

/** The ways in which the owner of an account can prove who they are: those in which they log in. */
export async function ownerStages(
  userId: string,
  { accounts, externalAccounts }: { accounts: Accounts; externalAccounts: ExternalAccounts },
  { sso, jwt }: ExternalIssuers,
): Promise<string[]> {
  const account = await accounts.get(userId);
  const issuers = await externalAccounts.issuersOf(userId);
  const stages = [
    ...(account?.hasPassword ? [PASSWORD] : []),
    ...(sso.some((issuer) => issuers.includes(issuerKey(issuer))) ? [SSO] : []),
    ...(issuers.some((issuer) => jwt.includes(issuer)) ? [JWT] : []),
  ];
  // Nobody passes it, but clients are not told of an operation without a way to confirm it.
  return stages.length === 0 ? [PASSWORD] : stages;
}
