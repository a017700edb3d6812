import { MatrixError } from '../../protocol/errors.ts';
import { isStrictLocalpart } from '../../protocol/identifiers/user-id.ts';
import type { ExternalAccounts } from '../external-login/external-accounts.ts';
import type { Registration } from '../registration/registration.ts';
import { versionOfTerms } from '../sessions/terms-stage.ts';
import { emailAddress } from '../third-party-ids/email-address.ts';
import type { ThirdPartyIds } from '../third-party-ids/third-party-ids.ts';
import type { IdentityProvider } from './identity-provider.ts';
import type { Newcomer } from './login-state.ts';

export interface NewcomersParts {
  readonly externalAccounts: ExternalAccounts;
  readonly registration: Registration;
  readonly thirdPartyIds: ThirdPartyIds;
}

/** Makes accounts for people whom a provider knows and this server does not. */
export class Newcomers {
  private readonly parts: NewcomersParts;

  constructor(parts: NewcomersParts) {
    this.parts = parts;
  }

  /** A localpart like the one that is wanted which nobody has; empty if none is at hand. */
  async suggestion(wanted: string): Promise<string> {
    const plain = [...wanted.normalize('NFKD').toLowerCase()].filter(isStrictLocalpart).join('');
    const base = plain.replace(/[=/+]/g, '').replace(/^_+/, '').slice(0, 64);
    if (base === '') return '';
    for (const candidate of [base, ...Array.from({ length: 8 }, (_, index) => `${base}${index + 2}`)]) {
      if (await this.isFree(candidate)) return candidate;
    }
    return '';
  }

  private async isFree(localpart: string): Promise<boolean> {
    try {
      await this.parts.registration.checkAvailable(localpart);
      return true;
    } catch (error) {
      if (error instanceof MatrixError) return false;
      throw error;
    }
  }

  /**
   * Makes the account of somebody new.
   * @throws 400 `M_INVALID_USERNAME`, `M_USER_IN_USE`, `M_EXCLUSIVE`
   */
  async create(newcomer: Newcomer, localpart: string, settings: IdentityProvider['settings']): Promise<string> {
    const { registration, externalAccounts } = this.parts;
    const userId = await registration.checkAvailable(localpart);
    const address = newcomer.email === undefined ? undefined : await this.freeAddress(newcomer.email);
    const displayName = newcomer.displayName ?? localpart;
    const { issuer, subject, roles } = newcomer;
    // Nobody gets here who has not agreed.
    const { terms } = registration;
    const agreedTerms = terms.length === 0 ? undefined : versionOfTerms(terms);
    const made = await externalAccounts.createNamed(issuer, subject, { userId, displayName, address, agreedTerms });
    if (roles) await externalAccounts.takeRoles(issuer, subject, roles, settings);
    return made;
  }

  /** An address that the account can have: one that is of another account stays there. */
  private async freeAddress(text: string): Promise<string | undefined> {
    try {
      const address = emailAddress(text);
      return (await this.parts.thirdPartyIds.userOf(address)) === undefined ? address : undefined;
    } catch (error) {
      if (error instanceof MatrixError) return undefined;
      throw error;
    }
  }
}
