import { isServerKeyId, type KeyId } from '../../protocol/identifiers/key-id.ts';
import { isServerName, type ServerName } from '../../protocol/identifiers/server-name.ts';

/**
 * The `Authorization` header of a request of a server.
 * Source: https://spec.matrix.org/v1.19/server-server-api/#request-authentication
 */
export interface XMatrix {
  readonly origin: ServerName;
  /** Absent in requests of old servers. */
  readonly destination?: ServerName;
  readonly key: KeyId;
  /** Base64 of the signature; what it covers is in `request-text.ts`. */
  readonly sig: string;
}

const SCHEME = /^x-matrix +/i;
/** `name=value` up to the next comma; an unquoted value may hold colons, as old servers write them. */
const PARAMETER = /[ \t]*([!#$%&'*+.^_`|~0-9A-Za-z-]+)[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"|([^\s",]+))[ \t]*(?:,|$)/y;
const EMPTY = /[ \t]*(?:,|$)/y;

/** Parameters by their names in small letters, or undefined if `text` is no list of them or has one twice. */
function parseParameters(text: string): ReadonlyMap<string, string> | undefined {
  const found = new Map<string, string>();
  let at = 0;
  while (at < text.length) {
    EMPTY.lastIndex = at;
    if (EMPTY.test(text)) {
      at = EMPTY.lastIndex;
      continue;
    }
    PARAMETER.lastIndex = at;
    const match = PARAMETER.exec(text);
    const name = match?.[1]?.toLowerCase();
    if (match === null || name === undefined || found.has(name)) return undefined;
    found.set(name, match[3] ?? (match[2] ?? '').replace(/\\(.)/g, '$1'));
    at = PARAMETER.lastIndex;
  }
  return found;
}

/** Reads an `Authorization` header, or undefined if it is none of the scheme `X-Matrix`, or a wrong one. */
export function parseXMatrix(header: string): XMatrix | undefined {
  const scheme = SCHEME.exec(header);
  const parameters = scheme === null ? undefined : parseParameters(header.slice(scheme[0].length));
  if (parameters === undefined) return undefined;
  const origin = parameters.get('origin');
  const destination = parameters.get('destination');
  const key = parameters.get('key');
  const sig = parameters.get('sig');
  if (!isServerName(origin) || !isServerKeyId(key) || sig === undefined) return undefined;
  if (destination === undefined) return { origin, key, sig };
  return isServerName(destination) ? { origin, destination, key, sig } : undefined;
}

/** The header. None of the values can hold a quote or a backslash. */
export function formatXMatrix({ origin, destination, key, sig }: XMatrix & { destination: ServerName }): string {
  return `X-Matrix origin="${origin}",destination="${destination}",key="${key}",sig="${sig}"`;
}
