import type { Readable } from 'node:stream';
import type { Random } from '../../util/random.ts';
import { cleanMediaType, contentDisposition } from './inline-types.ts';
import type { Media, Patience } from './media.ts';
import { multipartBody } from './multipart.ts';
import type { ThumbnailSize } from './thumbnail-size.ts';
import type { Thumbnails } from './thumbnails.ts';

/** An answer of several parts: its media type, and its body, which somebody has to read or destroy. */
export interface MultipartAnswer {
  readonly contentType: string;
  readonly body: Readable;
}

const BOUNDARY_LENGTH = 40;

/** Gives other servers the files of this one, and no others. */
export class MediaForServers {
  private readonly media: Media;
  private readonly thumbnails: Thumbnails;
  private readonly random: Random;

  constructor(media: Media, thumbnails: Thumbnails, random: Random) {
    this.media = media;
    this.thumbnails = thumbnails;
    this.random = random;
  }

  /**
   * Source: https://spec.matrix.org/v1.19/server-server-api/#get_matrixfederationv1mediadownloadmediaid
   * @throws what {@link Media.findOwn} throws
   */
  async download(mediaId: string, patience: Patience): Promise<MultipartAnswer> {
    const file = await this.media.findOwn(mediaId, patience);
    return this.answer(file.contentType, file.fileName, await this.media.open(file));
  }

  /**
   * Source: https://spec.matrix.org/v1.19/server-server-api/#get_matrixfederationv1mediathumbnailmediaid
   * @throws what {@link Media.findOwn} and {@link Thumbnails.of} throw
   */
  async thumbnail(
    mediaId: string,
    size: ThumbnailSize,
    animated: boolean,
    patience: Patience,
  ): Promise<MultipartAnswer> {
    const file = await this.media.findOwn(mediaId, patience);
    const { contentType, bytes } = await this.thumbnails.of(file, size, animated);
    return this.answer(contentType, undefined, bytes);
  }

  private answer(contentType: string, fileName: string | undefined, bytes: Readable): MultipartAnswer {
    const boundary = this.random.token(BOUNDARY_LENGTH);
    const headers = {
      'Content-Type': cleanMediaType(contentType),
      'Content-Disposition': contentDisposition(contentType, fileName),
    };
    return { contentType: `multipart/mixed; boundary=${boundary}`, body: multipartBody(boundary, headers, bytes) };
  }
}
