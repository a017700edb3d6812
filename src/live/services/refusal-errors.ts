/** A refusal as the three entrances tell it: the same code, in the form that each kind of client behaves well with. */
import { MatrixError } from '../../protocol/errors.ts';
import type { JsonObject } from '../../protocol/json.ts';
import type { Entrance } from '../../services/admission/admission.ts';
import { isPacing, REFUSALS, type Refusal } from '../rules/refusals.ts';

export const CODE_KEY = 'online.beamify.code';

/**
 * Clients of this server wait on 429 and give up on 403. A server that asks for a signature is never told 429: it would
 * take it as its own limit and stall all of its users.
 */
export function errorOf({ code, retryMs }: Refusal, entrance: Entrance): MatrixError {
  const text = REFUSALS[code];
  const extra: JsonObject = { [CODE_KEY]: code };
  if (retryMs !== undefined) extra['retry_ms'] = retryMs;
  if (entrance !== 'client') return new MatrixError('M_FORBIDDEN', text, { status: 400, extra });
  if (!isPacing(code) || retryMs === undefined) return new MatrixError('M_FORBIDDEN', text, { extra });
  return new MatrixError('M_LIMIT_EXCEEDED', text, {
    extra: { ...extra, retry_after_ms: retryMs },
    headers: { 'Retry-After': String(Math.ceil(retryMs / 1000)) },
  });
}
