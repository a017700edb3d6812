import type { Readable } from 'node:stream';
import { notFound, notYetUploaded, unknown } from '../../protocol/errors.ts';
import type { BlobStore, ByteRange } from '../../storage/contract/blobs.ts';
import type { LocalMediaRow } from '../../storage/contract/media.ts';
import type { Storage } from '../../storage/contract/storage.ts';
import { WriteSet } from '../../storage/contract/write-set.ts';
import type { Clock } from '../../util/clock.ts';
import { localKey } from './local-key.ts';
import { hasExpired, localRow } from './local-row.ts';
import type { MediaUse } from './media-use.ts';
import type { RemoteMedia } from './remote-media.ts';
import { thumbnailKey } from './thumbnail-key.ts';
import type { UploadWaiters } from './upload-waiters.ts';

export interface MediaSettings {
  readonly maxUploadSize: number;
  /** Whether clients can download without an access token. */
  readonly unauthenticatedDownloads: boolean;
}

export interface MediaParts {
  readonly storage: Storage;
  readonly blobs: BlobStore;
  readonly clock: Clock;
  readonly serverName: string;
  readonly remote: RemoteMedia;
  readonly use: MediaUse;
  /** Those who wait for uploads. */
  readonly waiters: UploadWaiters;
  readonly settings: MediaSettings;
}

/** A file that is there. */
export interface MediaFile {
  /** Of the file and its thumbnails, in this server. */
  readonly mediaId: string;
  /** The key of its bytes. */
  readonly key: string;
  readonly contentType: string;
  readonly fileName: string | undefined;
  readonly size: number;
  /** In hexadecimal. */
  readonly sha256: string;
}

/** How long somebody who asks for a file that is not uploaded yet is willing to wait. */
export interface Patience {
  readonly timeoutMs: number | undefined;
  readonly signal: AbortSignal;
}

/**
 * The files of this server's users, and through {@link RemoteMedia} those of others.
 * Source: https://spec.matrix.org/v1.19/client-server-api/#content-repository
 */
export class Media {
  readonly settings: MediaSettings;
  private readonly parts: MediaParts;
  private readonly waiters: UploadWaiters;

  constructor(parts: MediaParts) {
    this.parts = parts;
    this.settings = parts.settings;
    this.waiters = parts.waiters;
  }

  /** Deletes files of a user and what was reserved, `limit` at most. False if there was nothing left. */
  async deleteOf(userId: string, limit: number): Promise<boolean> {
    const { storage, blobs } = this.parts;
    const files = await storage.read((tx) => tx.media.ofUser(userId, limit));
    for (const { media_id } of files) {
      const thumbnails = await storage.read((tx) => tx.media.thumbnails(media_id));
      // The bytes go first: what a stop interrupts is found again by its row.
      for (const thumbnail of thumbnails) await blobs.remove(thumbnailKey(media_id, thumbnail));
      await blobs.remove(localKey(media_id));
      await storage.commit(
        new WriteSet().add('thumbnails.deleteOf', { media_id }).add('local_media.delete', { media_id }),
      );
    }
    return files.length > 0;
  }

  /**
   * A file, waiting for it a while if its address is only reserved. That of another server is fetched if it is not here,
   * unless `isRemoteAllowed` is false.
   * @throws 404 `M_NOT_FOUND`, 504 `M_NOT_YET_UPLOADED`; of other servers also 502 and 429
   */
  async find(
    address: { serverName: string; mediaId: string },
    patience: Patience,
    isRemoteAllowed = true,
  ): Promise<MediaFile> {
    if (address.serverName === this.parts.serverName) return this.findOwn(address.mediaId, patience);
    return this.parts.remote.find(address, isRemoteAllowed);
  }

  /** The same, of files of this server. */
  async findOwn(mediaId: string, patience: Patience): Promise<MediaFile> {
    const address = { serverName: this.parts.serverName, mediaId };
    const waiter = this.waiters.add(mediaId);
    try {
      const row = await localRow(this.parts, address);
      const file = fileOf(row);
      if (file) {
        this.parts.use.note(row);
        return file;
      }
      if (hasExpired(row, this.parts.clock.now())) throw notFound('Nothing was ever uploaded to this address');
      if (!(await waiter.uploaded(patience))) throw notYetUploaded();
      const uploaded = fileOf(await localRow(this.parts, address));
      if (!uploaded) throw notYetUploaded();
      return uploaded;
    } finally {
      waiter.end();
    }
  }

  /** The bytes of a file. */
  async open(file: MediaFile, range?: ByteRange): Promise<Readable> {
    const bytes = await this.parts.blobs.read(file.key, range);
    if (!bytes) throw unknown('The file is missing', { cause: new Error(`no blob ${file.key}`) });
    return bytes;
  }

  /** Gives up reserved addresses that were not used in time, and files that were never finished. */
  async expire(): Promise<void> {
    const set = new WriteSet().add('local_media.expire', { expires_at: this.parts.clock.now() });
    await this.parts.storage.commit(set);
    await this.parts.blobs.sweep();
  }
}

function fileOf(row: LocalMediaRow): MediaFile | undefined {
  if (row.size === null || row.sha256 === null) return undefined;
  return {
    mediaId: row.media_id,
    key: localKey(row.media_id),
    contentType: row.content_type ?? 'application/octet-stream',
    fileName: row.file_name ?? undefined,
    size: row.size,
    sha256: row.sha256,
  };
}
