import type { ServerName } from '../../../protocol/identifiers/server-name.ts';
import type { KeyLookup } from '../../../protocol/signing/verify-event.ts';

/** A key of another server, by which something was signed at `validAt` (milliseconds since the epoch). */
export interface WantedKey {
  readonly server: ServerName;
  readonly keyId: string;
  readonly validAt: number;
}

/** Where keys of other servers come from: the key ring. */
export interface KeysOfServers {
  /** Fetches those that are not at hand. Keys that cannot be had are missing from the answer; it never throws. */
  lookup(wanted: readonly WantedKey[]): Promise<KeyLookup>;
}
