import type { ServerName } from '../../protocol/identifiers/server-name.ts';
import type { SigningKey } from '../../protocol/signing/signing-key.ts';
import { requestText, type SignedRequest } from './request-text.ts';
import { formatXMatrix } from './x-matrix.ts';

/** The `Authorization` header of a request of this server. */
export function signRequest(
  request: SignedRequest & { readonly origin: ServerName; readonly destination: ServerName },
  key: SigningKey,
): string {
  const { origin, destination } = request;
  return formatXMatrix({ origin, destination, key: key.keyId, sig: key.sign(requestText(request)) });
}
