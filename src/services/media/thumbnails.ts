import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { invalidParam, limitExceeded } from '../../protocol/errors.ts';
import type { BlobStore } from '../../storage/contract/blobs.ts';
import type { ThumbnailRow } from '../../storage/contract/media.ts';
import type { Storage } from '../../storage/contract/storage.ts';
import { WriteSet } from '../../storage/contract/write-set.ts';
import { LimitedConcurrency } from '../../util/limited-concurrency.ts';
import { makeThumbnail } from './make-thumbnail.ts';
import type { Media, MediaFile } from './media.ts';
import { thumbnailKey, thumbnailName } from './thumbnail-key.ts';
import { nearestSize, type ThumbnailSize } from './thumbnail-size.ts';

export interface ThumbnailSettings {
  readonly thumbnailSizes: readonly ThumbnailSize[];
  /** Thumbnails that are made at once. */
  readonly thumbnailThreads: number;
  /** Thumbnails that may wait to be made. */
  readonly thumbnailQueue: number;
  readonly maxImagePixels: number;
}

export interface ThumbnailsParts {
  readonly storage: Storage;
  readonly blobs: BlobStore;
  readonly media: Media;
  readonly settings: ThumbnailSettings;
}

/** A thumbnail that is there. Whoever gets it reads or destroys its bytes. */
export interface ThumbnailFile {
  readonly contentType: string;
  readonly size: number;
  /** Names the bytes: the same name, the same bytes. */
  readonly tag: string;
  readonly bytes: Readable;
}

const RETRY_MS = 5_000;

/**
 * Smaller pictures of pictures, made when first asked for and then kept.
 * Source: https://spec.matrix.org/v1.19/client-server-api/#thumbnails
 */
export class Thumbnails {
  private readonly parts: ThumbnailsParts;
  private readonly jobs: LimitedConcurrency;
  /** What is being made, so that it is made once. */
  private readonly making = new Map<string, Promise<ThumbnailRow>>();

  constructor(parts: ThumbnailsParts) {
    this.parts = parts;
    this.jobs = new LimitedConcurrency({
      running: parts.settings.thumbnailThreads,
      waiting: parts.settings.thumbnailQueue,
    });
  }

  /**
   * A thumbnail of at least the asked size if the server makes any that large.
   * @throws 400 `M_UNKNOWN` for what is no picture, 413 `M_TOO_LARGE`, 429 `M_LIMIT_EXCEEDED`
   */
  async of(file: MediaFile, asked: ThumbnailSize, animated: boolean): Promise<ThumbnailFile> {
    if (asked.width <= 0 || asked.height <= 0) throw invalidParam('The size of a thumbnail is more than 0');
    const size = nearestSize(asked, this.parts.settings.thumbnailSizes);
    if (!size) throw invalidParam('This server makes no thumbnails');
    const known = await this.known(file, size, animated);
    const kept = known && (await this.parts.blobs.read(thumbnailKey(file.mediaId, known)));
    if (known && kept) return fileOf(file, known, kept);
    const made = await this.make(file, size, animated);
    const bytes = await this.parts.blobs.read(thumbnailKey(file.mediaId, made));
    if (!bytes) throw new Error(`a thumbnail of ${file.mediaId} is gone as soon as it was written`);
    return fileOf(file, made, bytes);
  }

  private async known(file: MediaFile, size: ThumbnailSize, animated: boolean): Promise<ThumbnailRow | undefined> {
    const rows = await this.parts.storage.read((tx) => tx.media.thumbnails(file.mediaId));
    const ofSize = rows.filter((row) => sameSize(row, size));
    return ofSize.find((row) => row.animated === Number(animated));
  }

  private make(file: MediaFile, size: ThumbnailSize, animated: boolean): Promise<ThumbnailRow> {
    const key = thumbnailKey(file.mediaId, { ...size, animated: Number(animated) });
    const making = this.making.get(key);
    if (making) return making;
    const made = this.jobs
      .run(
        () => this.makeNow(file, size, animated),
        () => limitExceeded(RETRY_MS, 'The server is busy making other thumbnails'),
      )
      .finally(() => this.making.delete(key));
    this.making.set(key, made);
    return made;
  }

  private async makeNow(file: MediaFile, size: ThumbnailSize, animated: boolean): Promise<ThumbnailRow> {
    const { storage, blobs, media, settings } = this.parts;
    const original = await buffer(await media.open(file));
    const thumbnail = await makeThumbnail(original, { size, animated, maxPixels: settings.maxImagePixels });
    const row: ThumbnailRow = {
      media_id: file.mediaId,
      ...size,
      // As it was asked for, so that what cannot move is not made anew every time.
      animated: Number(animated),
      content_type: thumbnail.contentType,
      size: thumbnail.bytes.length,
    };
    await blobs.write(thumbnailKey(file.mediaId, row), thumbnail.bytes);
    await storage.commit(new WriteSet().add('thumbnails.put', row));
    return row;
  }
}

function fileOf(file: MediaFile, row: ThumbnailRow, bytes: Readable): ThumbnailFile {
  const tag = `${file.sha256.slice(0, 32)}-${thumbnailName(row)}`;
  return { contentType: row.content_type, size: row.size, tag, bytes };
}

function sameSize(row: ThumbnailRow, size: ThumbnailSize): boolean {
  return row.width === size.width && row.height === size.height && row.method === size.method;
}
