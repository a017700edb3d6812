/**
 * The media types that browsers may show in place: none of them can run scripts.
 * Source: https://spec.matrix.org/v1.19/client-server-api/#serving-inline-content
 */
const INLINE_TYPES: ReadonlySet<string> = new Set([
  'text/css',
  'text/plain',
  'text/csv',
  'application/json',
  'application/ld+json',
  'image/jpeg',
  'image/gif',
  'image/png',
  'image/apng',
  'image/webp',
  'image/avif',
  'video/mp4',
  'video/webm',
  'video/ogg',
  'video/quicktime',
  'audio/mp4',
  'audio/webm',
  'audio/aac',
  'audio/mpeg',
  'audio/ogg',
  'audio/wave',
  'audio/wav',
  'audio/x-wav',
  'audio/x-pn-wav',
  'audio/flac',
  'audio/x-flac',
]);

const MEDIA_TYPE = /^[a-z0-9!#$&^_.+-]{1,100}\/[a-z0-9!#$&^_.+-]{1,100}(?:\s*;[\x20-\x7e]{0,200})?$/i;

/** What is uploaded or sent as `Content-Type`: a media type, or bytes of no particular kind. */
export function cleanMediaType(given: string | undefined): string {
  const type = given?.trim();
  return type !== undefined && MEDIA_TYPE.test(type) ? type : 'application/octet-stream';
}

/** `inline` or `attachment`, with the file name if there is one. Source: RFC 6266 */
export function contentDisposition(mediaType: string, fileName: string | undefined): string {
  const essence = mediaType.split(';', 1)[0]!.trim().toLowerCase();
  const kind = INLINE_TYPES.has(essence) ? 'inline' : 'attachment';
  if (fileName === undefined || fileName === '') return kind;
  if (/^[\x20-\x7e]*$/.test(fileName) && !/["\\%]/.test(fileName)) return `${kind}; filename="${fileName}"`;
  const encoded = encodeURIComponent(fileName.replace(/\p{Surrogate}/gu, '\ufffd')).replace(
    /['()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `${kind}; filename*=utf-8''${encoded}`;
}
