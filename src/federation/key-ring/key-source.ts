import { OutgoingError } from '../../outgoing/outgoing-error.ts';
import type { ServerName } from '../../protocol/identifiers/server-name.ts';
import type { Logger } from '../../util/logger.ts';
import { RemoteError } from '../signed-client/remote-error.ts';

/** A key that somebody needs. */
export interface WantedKey {
  readonly server: ServerName;
  readonly keyId: string;
  /** When it was used, in milliseconds since the epoch. */
  readonly validAt: number;
}

/** What is wanted of each server: by key id, until when it must be valid. */
export type WantedKeys = ReadonlyMap<ServerName, ReadonlyMap<string, number>>;

/** Where keys that are not known can be had. */
export interface KeySource {
  /** Learns what it can of the keys of these servers. What cannot be had is no error. */
  refresh(wanted: WantedKeys): Promise<void>;
}

/** Largest answer of a server about its keys. */
export const MAX_DOCUMENT_BYTES = 16 * 1024;

/** Logs why keys could not be had; what is no failure of the other server is thrown again. */
export function reportFailure(log: Logger, server: ServerName, error: unknown): void {
  if (!(error instanceof OutgoingError || error instanceof RemoteError)) throw error;
  log.info({ server, reason: error.message }, 'could not get the keys of a server');
}
