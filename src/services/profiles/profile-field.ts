import { badJson, invalidParam, keyTooLarge } from '../../protocol/errors.ts';
import { parseMxcUri } from '../../protocol/identifiers/mxc-uri.ts';
import type { JsonValue } from '../../protocol/json.ts';

const MAX_NAME_BYTES = 255;
/** So that what everybody in a room sees of a member stays small. */
const MAX_DISPLAY_NAME = 256;
const MAX_TEXT = 1000;
/** Anything with a scheme. */
const ADDRESS = /^[a-z][a-z0-9+.-]*:/i;
/** Source: https://spec.matrix.org/v1.19/appendices/#common-namespaced-identifier-grammar */
const NAME = /^(avatar_url|displayname|[a-z][a-z0-9_-]*(\.[a-z0-9_-]+)+)$/;

/**
 * Source: https://spec.matrix.org/v1.19/client-server-api/#put_matrixclientv3profileuseridkeyname
 *
 * @throws 400 `M_KEY_TOO_LARGE` or `M_INVALID_PARAM`
 */
export function checkFieldName(name: string): void {
  if (Buffer.byteLength(name) > MAX_NAME_BYTES) throw keyTooLarge();
  if (!NAME.test(name)) throw invalidParam(`"${name}" is not the name of a profile field`);
}

/**
 * The value as it is kept; undefined where it takes the field away: clients remove a name or picture by making it empty.
 *
 * @throws 400 `M_BAD_JSON` or `M_INVALID_PARAM`
 */
export function checkFieldValue(name: string, value: JsonValue): JsonValue | undefined {
  if (name === 'displayname') return checkText(name, value, MAX_DISPLAY_NAME) === '' ? undefined : value;
  if (name === 'm.tz') return checkText(name, value, MAX_TEXT);
  if (name !== 'avatar_url') return value;
  const uri = checkText(name, value, MAX_TEXT);
  if (uri === '') return undefined;
  // Addresses of the web would have every member fetch a picture from anywhere; what is no address harms nobody.
  if (ADDRESS.test(uri) && parseMxcUri(uri) === undefined) {
    throw invalidParam('"avatar_url" must be an mxc:// address');
  }
  return uri;
}

function checkText(name: string, value: JsonValue, max: number): string {
  if (typeof value !== 'string') throw badJson(`"${name}" must be a string`);
  if (value.length > max) throw invalidParam(`"${name}" is longer than ${max} characters`);
  return value;
}
