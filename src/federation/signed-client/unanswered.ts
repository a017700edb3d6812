import { OutgoingError } from '../../outgoing/outgoing-error.ts';
import { type MatrixError, unknown } from '../../protocol/errors.ts';
import { RemoteError } from './remote-error.ts';

/** Whether another server is to blame: it could not be reached, or answered something else. */
export function isRemoteFailure(error: unknown): error is RemoteError | OutgoingError {
  return error instanceof RemoteError || error instanceof OutgoingError;
}

/**
 * 502 `M_UNKNOWN` for whoever wanted to know from here what another server has not told. What is not the failure of
 * that server is thrown again.
 */
export function unanswered(error: unknown, text: string): MatrixError {
  if (!isRemoteFailure(error)) throw error;
  return unknown(text, { status: 502, cause: error });
}
