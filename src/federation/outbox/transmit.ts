import { OutgoingError } from '../../outgoing/outgoing-error.ts';
import type { ServerName } from '../../protocol/identifiers/server-name.ts';
import { isJsonObject, type JsonObject } from '../../protocol/json.ts';
import { RemoteError } from '../signed-client/remote-error.ts';
import { uri } from '../signed-client/uri.ts';
import { type Batch, transactionContent, transactionId } from './batch.ts';
import type { OutboxParts } from './outbox-parts.ts';

/** Why a transaction did not arrive. */
export type Failure = OutgoingError | RemoteError;

/** Bytes of an answer: a verdict for each of fifty events. */
const MAX_ANSWER = 1_000_000;

/**
 * Sends a transaction; answers why if it did not arrive. It has arrived when the server says so with any object, for
 * an event that it does not accept is its own business.
 * Source: https://spec.matrix.org/v1.19/server-server-api/#put_matrixfederationv1sendtxnid
 */
export async function transmit(
  { client, clock, serverName, metrics, limits }: OutboxParts,
  destination: ServerName,
  batch: Batch,
  signal: AbortSignal,
): Promise<Failure | undefined> {
  const now = clock.now();
  try {
    const answer = await client.ask({
      destination,
      method: 'PUT',
      uri: uri`/_matrix/federation/v1/send/${transactionId(batch, now)}`,
      content: transactionContent(batch, serverName, now),
      timeoutMs: limits.timeout,
      maxBytes: MAX_ANSWER,
      signal,
    });
    metrics.transactions.inc({ outcome: 'arrived' });
    metrics.pdus.inc(batch.events.length);
    metrics.edus.inc(batch.durable.length + batch.ephemeral.length);
    metrics.refusedPdus.inc(refusedIn(answer));
    return undefined;
  } catch (error) {
    const failure = failureOf(error, destination);
    metrics.transactions.inc({ outcome: failure instanceof RemoteError ? String(failure.status) : failure.kind });
    return failure;
  }
}

/** What has no form in which it could be sent must not keep the rest from being sent. */
function failureOf(error: unknown, destination: ServerName): Failure {
  if (error instanceof OutgoingError || error instanceof RemoteError) return error;
  return new OutgoingError('bad-request', destination, 'the transaction cannot be sent', { cause: error });
}

function refusedIn(answer: JsonObject): number {
  const verdicts = isJsonObject(answer['pdus']) ? Object.values(answer['pdus']) : [];
  return verdicts.filter((verdict) => isJsonObject(verdict) && typeof verdict['error'] === 'string').length;
}
