import type { Readable } from 'node:stream';
import type { ApiRequest } from '../../../http/api-request.ts';
import { type Reply, raw } from '../../../http/reply.ts';

/** Bytes to be sent, whole or in part. */
export interface SentFile {
  readonly contentType: string;
  readonly contentDisposition: string;
  readonly size: number;
  /** Names the bytes: the same tag, the same bytes for ever. */
  readonly tag: string;
  /** Whether caches between server and client may keep it. */
  readonly isPublic: boolean;
  open(range?: { start: number; end: number }): Promise<Readable> | Readable;
}

/** What others upload runs no scripts and reaches nothing of this server. Source: https://spec.matrix.org/v1.19/client-server-api/#content-repository */
const SANDBOX =
  "sandbox; default-src 'none'; script-src 'none'; plugin-types application/pdf; style-src 'unsafe-inline'; " +
  "media-src 'self'; object-src 'self';";

/** The answer with a file: 200, 206 for a part, 304 where the client has it, 416 for a part that is not there. */
export async function fileReply(request: ApiRequest, file: SentFile): Promise<Reply> {
  const etag = `"${file.tag}"`;
  const headers = {
    'Content-Type': file.contentType,
    'Content-Disposition': file.contentDisposition,
    'Content-Security-Policy': SANDBOX,
    'Cross-Origin-Resource-Policy': 'cross-origin',
    'X-Content-Type-Options': 'nosniff',
    'Cache-Control': `${file.isPublic ? 'public' : 'private'}, max-age=31536000, immutable`,
    'Accept-Ranges': 'bytes',
    ETag: etag,
  };
  if (tagsOf(request.headers['if-none-match']).some((tag) => tag === etag || tag === '*')) return raw(304, headers);
  const range = rangeOf(request, etag, file.size);
  if (range === 'unsatisfiable') {
    return raw(416, { ...headers, 'Content-Range': `bytes */${file.size}`, 'Content-Length': '0' });
  }
  const length = range ? range.end - range.start + 1 : file.size;
  const sized = { ...headers, 'Content-Length': String(length) };
  const body = request.method === 'HEAD' ? undefined : await file.open(range);
  if (!range) return raw(200, sized, body);
  return raw(206, { ...sized, 'Content-Range': `bytes ${range.start}-${range.end}/${file.size}` }, body);
}

function tagsOf(header: string | undefined): string[] {
  return (header ?? '').split(',').map((tag) => tag.trim().replace(/^W\//, ''));
}

/** The one part that is asked for; undefined for the whole, as also for several parts. Source: RFC 9110, section 14 */
function rangeOf(
  request: ApiRequest,
  etag: string,
  size: number,
): { start: number; end: number } | 'unsatisfiable' | undefined {
  const ifRange = request.headers['if-range'];
  if (ifRange !== undefined && ifRange !== etag) return undefined;
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(request.headers.range ?? '');
  const [, first = '', last = ''] = match ?? [];
  if (first === '' && last === '') return undefined;
  if (first === '') {
    const length = Math.min(Number(last), size);
    return length === 0 ? 'unsatisfiable' : { start: size - length, end: size - 1 };
  }
  const start = Number(first);
  const end = last === '' ? size - 1 : Math.min(Number(last), size - 1);
  if (last !== '' && Number(last) < start) return undefined;
  return start >= size ? 'unsatisfiable' : { start, end };
}
