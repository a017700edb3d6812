import { MatrixError } from '../../protocol/errors.ts';
import type { UserId } from '../../protocol/identifiers/user-id.ts';
import type { Storage } from '../../storage/contract/storage.ts';
import type { ThirdPartyIdRow } from '../../storage/contract/third-party-ids.ts';
import { ConflictError, WriteSet } from '../../storage/contract/write-set.ts';
import type { Clock } from '../../util/clock.ts';
import type { AddressProofs, ProofRequest } from './address-proofs.ts';
import { emailAddress } from './email-address.ts';

export interface ThirdPartyIdsParts {
  readonly storage: Storage;
  readonly clock: Clock;
  /** Undefined where no mail can be sent. */
  readonly proofs: AddressProofs | undefined;
}

/**
 * The e-mail addresses of accounts. They are never shown to anybody but their users.
 * Source: https://spec.matrix.org/v1.19/client-server-api/#adding-account-administrative-contact-information
 */
export class ThirdPartyIds {
  private readonly parts: ThirdPartyIdsParts;

  constructor(parts: ThirdPartyIdsParts) {
    this.parts = parts;
  }

  get hasEmail(): boolean {
    return this.parts.proofs !== undefined;
  }

  /** @throws 400 `M_THREEPID_MEDIUM_NOT_SUPPORTED` where no mail can be sent */
  get proofs(): AddressProofs {
    const { proofs } = this.parts;
    if (!proofs) throw new MatrixError('M_THREEPID_MEDIUM_NOT_SUPPORTED', 'This server sends no e-mail');
    return proofs;
  }

  of(userId: string): Promise<ThirdPartyIdRow[]> {
    return this.parts.storage.read((tx) => tx.thirdPartyIds.ofUser(userId));
  }

  /** Who has an address. */
  async userOf(address: string): Promise<UserId | undefined> {
    const row = await this.parts.storage.read((tx) => tx.thirdPartyIds.find('email', address));
    return row?.user_id as UserId | undefined;
  }

  /** Who logs in with an address; undefined if nobody has it, or it is none. */
  async userNamed(medium: string, text: string): Promise<UserId | undefined> {
    const address = text.trim().toLowerCase();
    return medium === 'email' ? this.userOf(address) : undefined;
  }

  /** Sends a mail to somebody who wants to have an address here. @throws 400 `M_THREEPID_IN_USE`, and what a proof does */
  async requestNew(request: ProofRequest): Promise<string> {
    const { proofs } = this;
    const address = emailAddress(request.address);
    if ((await this.userOf(address)) !== undefined) throw new MatrixError('M_THREEPID_IN_USE');
    return proofs.request({ ...request, address });
  }

  /** Sends a mail to somebody who has an address here. @throws 400 `M_THREEPID_NOT_FOUND`, and what a proof does */
  async requestKnown(request: ProofRequest): Promise<string> {
    const { proofs } = this;
    const address = emailAddress(request.address);
    if ((await this.userOf(address)) === undefined) throw new MatrixError('M_THREEPID_NOT_FOUND');
    return proofs.request({ ...request, address });
  }

  /** Gives a user an address that they have proven. @throws 401 `M_THREEPID_AUTH_FAILED`; 400 `M_THREEPID_IN_USE` */
  async add(userId: string, sid: string, clientSecret: string): Promise<void> {
    const address = await this.proofs.proven(sid, clientSecret);
    const set = new WriteSet().add('address_proofs.use', { sid });
    this.addNew(set, userId, address);
    try {
      await this.parts.storage.commit(set);
    } catch (error) {
      if (error instanceof ConflictError) throw new MatrixError('M_THREEPID_IN_USE');
      throw error;
    }
  }

  /** Adds a proven address to `set`; one that somebody has makes it a conflict. */
  addNew(set: WriteSet, userId: string, address: string): void {
    const now = this.parts.clock.now();
    set.add('third_party_ids.insert', { medium: 'email', address, user_id: userId, validated_at: now, added_at: now });
  }

  async remove(userId: string, medium: string, address: string): Promise<void> {
    const key = { medium, address: address.trim().toLowerCase(), user_id: userId };
    await this.parts.storage.commit(new WriteSet().add('third_party_ids.delete', key));
  }
}
