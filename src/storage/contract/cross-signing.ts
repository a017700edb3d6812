export type CrossSigningUsage = 'master' | 'self_signing' | 'user_signing';

export interface CrossSigningKeyRow {
  readonly user_id: string;
  readonly usage: CrossSigningUsage;
  /** Unpadded base64. */
  readonly public_key: string;
  /** The `CrossSigningKey` object as it was uploaded. */
  readonly json: string;
}

/** A signature that was uploaded after the key it is on. */
export interface KeySignatureRow {
  /** Whose key is signed. */
  readonly user_id: string;
  /** A device id, or the public key of a master key. */
  readonly target: string;
  readonly signer_id: string;
  /** `ed25519:` and a device id or public key. */
  readonly signer_key: string;
  readonly signature: string;
}

export interface CrossSigningStore {
  keysOf(userIds: readonly string[]): Promise<CrossSigningKeyRow[]>;
  /** Signatures on keys of these users by themselves or by `viewer`. */
  signatures(userIds: readonly string[], viewer: string): Promise<KeySignatureRow[]>;
}

declare module './write-set.ts' {
  interface Mutations {
    /** A conflict if the user has a key of that usage. */
    'cross_signing_keys.insert': CrossSigningKeyRow;
    /** A conflict unless the key that it replaces is there. */
    'cross_signing_keys.replace': CrossSigningKeyRow & { replaced: string };
    'cross_signing_keys.deleteOf': { user_id: string };
    /** On keys of a user, and by them. */
    'key_signatures.deleteOf': { user_id: string };
    'key_signatures.put': KeySignatureRow;
    /** Deletes the signatures on a key. */
    'key_signatures.deleteOn': { user_id: string; target: string };
    /** Deletes the signatures that a key has made. */
    'key_signatures.deleteBy': { signer_id: string; signer_key: string };
  }
}
