import { MatrixError, unknown } from '../protocol/errors.ts';
import { json, type Reply } from './reply.ts';

export interface MappedError {
  readonly reply: Reply;
  /** What has to be in the log: undefined for refusals, which are the client's business. */
  readonly unexpected: unknown;
}

/** Seconds after which storage may be back. */
const STORAGE_RETRY = '5';

/** Every throw becomes a response here and nowhere else. */
export function mapError(error: unknown): MappedError {
  if (error instanceof MatrixError) {
    const reply = json(error.status, error.toJSON(), error.headers);
    return { reply, unexpected: error.status === 500 ? (error.cause ?? error) : undefined };
  }
  if (isUnavailable(error)) {
    const refusal = unknown('The server is busy or cannot reach its database, try again soon', { status: 503 });
    return { reply: json(503, refusal.toJSON(), { 'Retry-After': STORAGE_RETRY }), unexpected: error };
  }
  return { reply: json(500, unknown('Internal server error').toJSON()), unexpected: error };
}

/** `StorageUnavailableError` and others that carry the status 503: this folder does not know their classes. */
function isUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return error.name === 'StorageUnavailableError' || ('status' in error && error.status === 503);
}
