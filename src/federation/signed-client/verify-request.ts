import { CanonicalJsonError } from '../../protocol/canonical-json/canonical-json-error.ts';
import type { JsonValue } from '../../protocol/json.ts';
import type { VerifyKey } from '../../protocol/signing/verify-key.ts';
import { contentText, requestText } from './request-text.ts';
import type { XMatrix } from './x-matrix.ts';

/** A request of another server, as it came in. */
export interface ReceivedRequest {
  /** In capitals. */
  readonly method: string;
  /** Path and query, to the letter. */
  readonly uri: string;
  readonly body: Uint8Array;
}

/**
 * Whether the request bears the signature that its header claims. Pure: whoever asks has looked up the key, and
 * checked that it is valid now.
 *
 * @param destination the name of this server, which is what was signed even where the header does not say so.
 */
export function verifyRequest(
  { method, uri, body }: ReceivedRequest,
  { origin, sig }: XMatrix,
  destination: string,
  key: VerifyKey,
): boolean {
  const verify = (content: string | undefined) =>
    key.verify(requestText({ method, uri, origin, destination, ...(content === undefined ? {} : { content }) }), sig);
  if (body.length === 0) return verify(undefined);
  const received = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString();
  const canonical = canonicalText(received);
  if (canonical === undefined) return false;
  // Numbers like 1.0 and 1e20, which old rooms have, are written otherwise by other languages. Servers send what they
  // signed, so the body to the letter is the second guess.
  return verify(canonical) || (received !== canonical && verify(received));
}

/** The canonical form of a body, or undefined if it is no JSON. */
function canonicalText(body: string): string | undefined {
  try {
    return contentText(JSON.parse(body) as JsonValue);
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof CanonicalJsonError) return undefined;
    throw error;
  }
}
