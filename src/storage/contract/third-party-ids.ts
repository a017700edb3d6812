/** An address by which a user is known. */
export interface ThirdPartyIdRow {
  readonly medium: string;
  /** In small letters. */
  readonly address: string;
  readonly user_id: string;
  readonly validated_at: number;
  readonly added_at: number;
}

/** The proof that whoever knows a client secret has an address, from the mail to the click on its link and after. */
export interface AddressProofRow {
  readonly sid: string;
  readonly medium: string;
  readonly address: string;
  readonly client_hash: Uint8Array;
  readonly token_hash: Uint8Array;
  readonly send_attempt: number;
  readonly next_link: string | null;
  readonly expires_at: number;
  readonly validated_at: number | null;
}

export interface ThirdPartyIdStore {
  ofUser(userId: string): Promise<ThirdPartyIdRow[]>;
  find(medium: string, address: string): Promise<ThirdPartyIdRow | undefined>;
  proof(sid: string): Promise<AddressProofRow | undefined>;
  proofOf(clientHash: Uint8Array, medium: string, address: string): Promise<AddressProofRow | undefined>;
}

declare module './write-set.ts' {
  interface Mutations {
    /** An address that somebody has already is a conflict. */
    'third_party_ids.insert': ThirdPartyIdRow;
    'third_party_ids.delete': { medium: string; address: string; user_id: string };
    'third_party_ids.deleteOf': { user_id: string };
    'address_proofs.put': AddressProofRow;
    /** A conflict if there is none. */
    'address_proofs.validate': { sid: string; validated_at: number };
    /** A conflict if there is none: each is good for one use. */
    'address_proofs.use': { sid: string };
    'address_proofs.expire': { now: number };
  }
}
