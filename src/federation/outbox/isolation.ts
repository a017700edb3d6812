import { OutgoingError } from '../../outgoing/outgoing-error.ts';
import { RemoteError } from '../signed-client/remote-error.ts';
import { type Batch, type BatchSize, FULL_SIZE } from './batch.ts';

/** Statuses that speak of who asks or when, not of what was sent. */
const NOT_OF_CONTENT: ReadonlySet<number> = new Set([401, 403, 404, 405, 408, 425, 429]);

/** Whether a transaction may have failed because of what stands in it. */
export function isRefusal(error: unknown): boolean {
  if (error instanceof OutgoingError) return error.kind === 'bad-request';
  if (!(error instanceof RemoteError)) return false;
  return error.status === 500 || (error.status >= 400 && error.status < 500 && !NOT_OF_CONTENT.has(error.status));
}

/** What to try instead of a batch that was refused: less of it; undefined if it is one thing alone. */
export function smaller(batch: Batch): BatchSize | undefined {
  const { length: pdus } = batch.events;
  const edus = batch.durable.length + batch.ephemeral.length;
  if (pdus > 0 && edus > 0) return { pdus, edus: 0 };
  if (pdus > 1) return { pdus: Math.ceil(pdus / 2), edus: 0 };
  if (edus > 1) return { pdus: 0, edus: Math.ceil(edus / 2) };
  return undefined;
}

/** What to try after a success. */
export function larger({ pdus, edus }: BatchSize): BatchSize {
  return { pdus: grown(pdus, FULL_SIZE.pdus), edus: grown(edus, FULL_SIZE.edus) };
}

function grown(size: number, full: number): number {
  return Math.min(full, Math.max(1, size * 2));
}
