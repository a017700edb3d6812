import { type Branded, isBoundedText } from './brand.ts';
import { isServerName, type ServerName } from './server-name.ts';

export type MxcUri = Branded<'MxcUri'>;

const MEDIA_ID = /^[A-Za-z0-9_-]+$/;
const SCHEME = 'mxc://';

/**
 * Whether `text` is a media id. No other characters are let through, for media ids become names of files.
 * Source: https://spec.matrix.org/v1.19/client-server-api/#matrix-content-mxc-uris
 */
export function isMediaId(text: unknown): text is string {
  return typeof text === 'string' && isBoundedText(text) && MEDIA_ID.test(text);
}

/** The server and media id of `mxc://server/mediaId`, or undefined. */
export function parseMxcUri(text: unknown): { server: ServerName; mediaId: string } | undefined {
  if (typeof text !== 'string' || !text.startsWith(SCHEME)) return undefined;
  const slash = text.indexOf('/', SCHEME.length);
  if (slash < 0) return undefined;
  const server = text.slice(SCHEME.length, slash);
  const mediaId = text.slice(slash + 1);
  return isServerName(server) && isMediaId(mediaId) ? { server, mediaId } : undefined;
}

export function makeMxcUri(server: ServerName | string, mediaId: string): MxcUri {
  return `${SCHEME}${server}/${mediaId}` as MxcUri;
}
