import { canonicalJson } from '../../protocol/canonical-json/canonical-json.ts';
import type { JsonValue } from '../../protocol/json.ts';

/** What of a request is signed. */
export interface SignedRequest {
  /** In capitals. */
  readonly method: string;
  /** Path and query as they are sent, from `/_matrix` on. */
  readonly uri: string;
  readonly origin: string;
  readonly destination: string;
  /** The body as JSON text; absent if there is none. */
  readonly content?: string;
}

/**
 * What a signature over the request covers: the canonical JSON of these fields. Their names are in canonical order;
 * `content` stands there as it is, so it must be canonical itself to be what others sign.
 * Source: https://spec.matrix.org/v1.19/server-server-api/#request-authentication
 */
export function requestText({ method, uri, origin, destination, content }: SignedRequest): string {
  const body = content === undefined ? '' : `"content":${content},`;
  const text = (value: string) => canonicalJson(value);
  return `{${body}"destination":${text(destination)},"method":${text(method)},"origin":${text(origin)},"uri":${text(uri)}}`;
}

/**
 * The text of a body that is signed and sent. Events of old room versions may hold fractions and large numbers, so
 * these pass.
 */
export function contentText(content: JsonValue): string {
  return canonicalJson(content, { strict: false });
}
