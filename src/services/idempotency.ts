import { hash } from 'node:crypto';

/** One attempt of a client to do something once: retries have the same values. */
export interface Attempt {
  readonly userId: string;
  /** The device, or for an application service without one, the service's id. */
  readonly deviceId: string;
  /** `operationId` of the specification, as `sendMessage`. */
  readonly operation: string;
  /** The other path parameters, in order. */
  readonly params: readonly string[];
  readonly txnId: string;
}

/**
 * The key under which the answer to an attempt is remembered (`transactions.insert`, in the commit of the effect):
 * 16 bytes, unique for user, device, operation, path parameters and transaction id.
 * Source: https://spec.matrix.org/v1.19/client-server-api/#transaction-identifiers
 */
export function transactionKey({ userId, deviceId, operation, params, txnId }: Attempt): Uint8Array {
  // JSON keeps the parts apart: no two attempts give the same text.
  const text = JSON.stringify([userId, deviceId, operation, params, txnId]);
  return new Uint8Array(hash('sha256', text, 'buffer').subarray(0, 16));
}
