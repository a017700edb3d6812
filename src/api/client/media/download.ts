import Type from 'typebox';
import type { ApiRequest } from '../../../http/api-request.ts';
import type { Reply } from '../../../http/reply.ts';
import { notFound } from '../../../protocol/errors.ts';
import { contentDisposition } from '../../../services/media/inline-types.ts';
import type { Media } from '../../../services/media/media.ts';
import type { ThumbnailSize } from '../../../services/media/thumbnail-size.ts';
import type { Thumbnails } from '../../../services/media/thumbnails.ts';
import { fileReply } from './file-reply.ts';

/** Milliseconds that the client waits for a file that is not uploaded yet. */
const timeout = Type.Optional(Type.Integer({ minimum: 0 }));

/** Whether a file of another server may be fetched. */
const allowRemote = Type.Optional(Type.Boolean());

export const downloadQuery = Type.Object({ timeout_ms: timeout, allow_remote: allowRemote });

export const thumbnailQuery = Type.Object({
  width: Type.Integer(),
  height: Type.Integer(),
  method: Type.Optional(Type.Union([Type.Literal('crop'), Type.Literal('scale')])),
  animated: Type.Optional(Type.Boolean()),
  timeout_ms: timeout,
  allow_remote: allowRemote,
});

interface Address {
  readonly serverName: string;
  readonly mediaId: string;
  readonly fileName?: string;
}

interface DownloadOptions {
  readonly timeout_ms?: number;
  readonly allow_remote?: boolean;
}

interface Asked<Q> {
  readonly request: ApiRequest;
  readonly params: Address;
  readonly query: Q;
  /** Whether anybody could have asked. */
  readonly isPublic: boolean;
}

/** The answer to a download. */
export async function downloadReply(
  { request, params, query, isPublic }: Asked<DownloadOptions>,
  media: Media,
): Promise<Reply> {
  const patience = { timeoutMs: query.timeout_ms, signal: request.signal };
  const file = await media.find(params, patience, query.allow_remote);
  return fileReply(request, {
    contentType: file.contentType,
    contentDisposition: contentDisposition(file.contentType, params.fileName ?? file.fileName),
    size: file.size,
    tag: file.sha256,
    isPublic,
    open: (range) => media.open(file, range),
  });
}

/** The answer to the download of a thumbnail. */
export async function thumbnailReply(
  {
    request,
    params,
    query,
    isPublic,
  }: Asked<Omit<ThumbnailSize, 'method'> & { method?: 'crop' | 'scale'; animated?: boolean } & DownloadOptions>,
  { media, thumbnails }: { media: Media; thumbnails: Thumbnails },
): Promise<Reply> {
  const { width, height, method = 'scale', animated = false } = query;
  const patience = { timeoutMs: query.timeout_ms, signal: request.signal };
  const file = await media.find(params, patience, query.allow_remote);
  const thumbnail = await thumbnails.of(file, { width, height, method }, animated);
  const ending = thumbnail.contentType.split('/')[1];
  const reply = await fileReply(request, {
    contentType: thumbnail.contentType,
    contentDisposition: contentDisposition(thumbnail.contentType, `thumbnail.${ending}`),
    size: thumbnail.size,
    tag: thumbnail.tag,
    isPublic,
    open: () => thumbnail.bytes,
  });
  if (reply.body === undefined) thumbnail.bytes.destroy();
  return reply;
}

/** Refuses downloads without an access token where the configuration does. @throws 404 `M_NOT_FOUND` */
export function checkLegacyDownloads(media: Media): void {
  if (!media.settings.unauthenticatedDownloads) throw notFound('Files can only be downloaded with an access token');
}
