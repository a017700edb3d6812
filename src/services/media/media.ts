import type { Readable } from 'node:stream';
import {
  cannotOverwriteMedia,
  forbidden,
  limitExceeded,
  notFound,
  notYetUploaded,
  unknown,
} from '../../protocol/errors.ts';
import { isMediaId, makeMxcUri } from '../../protocol/identifiers/mxc-uri.ts';
import type { BlobStore, ByteRange } from '../../storage/contract/blobs.ts';
import type { LocalMediaRow } from '../../storage/contract/media.ts';
import type { Storage } from '../../storage/contract/storage.ts';
import { ConflictError, WriteSet } from '../../storage/contract/write-set.ts';
import type { Clock } from '../../util/clock.ts';
import type { Random } from '../../util/random.ts';
import { localKey } from './local-key.ts';
import type { MediaUse } from './media-use.ts';
import type { RemoteMedia } from './remote-media.ts';
import { thumbnailKey } from './thumbnail-key.ts';
import { UploadWaiters } from './upload-waiters.ts';

export interface MediaSettings {
  readonly maxUploadSize: number;
  /** Ids that a user may reserve before uploading. */
  readonly maxPendingUploads: number;
  /** Milliseconds after which a reserved id that was not used is given up. */
  readonly pendingUploadLifetime: number;
  /** Whether clients can download without an access token. */
  readonly unauthenticatedDownloads: boolean;
}

export interface MediaParts {
  readonly storage: Storage;
  readonly blobs: BlobStore;
  readonly clock: Clock;
  readonly random: Random;
  readonly serverName: string;
  readonly remote: RemoteMedia;
  readonly use: MediaUse;
  readonly settings: MediaSettings;
}

/** What a client says of a file that it uploads. Nothing vouches for it. */
export interface UploadedAs {
  readonly contentType: string | undefined;
  readonly fileName: string | undefined;
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

const ID_LENGTH = 24;
const PENDING_RETRY_MS = 60_000;

/**
 * The files of this server's users, and through {@link RemoteMedia} those of others.
 * Source: https://spec.matrix.org/v1.19/client-server-api/#content-repository
 */
export class Media {
  readonly settings: MediaSettings;
  private readonly parts: MediaParts;
  private readonly waiters: UploadWaiters;
  /** Reserved ids to which somebody uploads right now. */
  private readonly uploading = new Set<string>();

  constructor(parts: MediaParts) {
    this.parts = parts;
    this.settings = parts.settings;
    this.waiters = new UploadWaiters(parts.clock);
  }

  /** Stores a file and answers its `mxc:` address. */
  async upload(userId: string, source: Readable | Uint8Array, as: UploadedAs): Promise<string> {
    const { storage, blobs, clock, random } = this.parts;
    const mediaId = random.token(ID_LENGTH);
    const { size, sha256 } = await blobs.write(localKey(mediaId), source);
    const now = clock.now();
    const set = new WriteSet().add('local_media.insert', {
      media_id: mediaId,
      user_id: userId,
      content_type: as.contentType ?? null,
      file_name: as.fileName ?? null,
      size,
      sha256,
      uploaded_at: now,
      created_at: now,
      expires_at: null,
      used_at: now,
    });
    await this.orRemove(mediaId, storage.commit(set));
    return makeMxcUri(this.parts.serverName, mediaId);
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

  /** Reserves an address, to be uploaded to later. @throws 429 `M_LIMIT_EXCEEDED` */
  async reserve(userId: string): Promise<{ contentUri: string; expiresAt: number }> {
    const { storage, clock, random } = this.parts;
    const now = clock.now();
    const pending = await storage.read((tx) => tx.media.countPending(userId, now));
    if (pending >= this.settings.maxPendingUploads) {
      throw limitExceeded(PENDING_RETRY_MS, 'You have reserved too many addresses that nothing was uploaded to');
    }
    const mediaId = random.token(ID_LENGTH);
    const expiresAt = now + this.settings.pendingUploadLifetime;
    const set = new WriteSet().add('local_media.insert', {
      media_id: mediaId,
      user_id: userId,
      content_type: null,
      file_name: null,
      size: null,
      sha256: null,
      uploaded_at: null,
      created_at: now,
      expires_at: expiresAt,
      used_at: null,
    });
    await storage.commit(set);
    return { contentUri: makeMxcUri(this.parts.serverName, mediaId), expiresAt };
  }

  /**
   * Uploads to a reserved address.
   * @throws 404 `M_NOT_FOUND`, 403 `M_FORBIDDEN`, 409 `M_CANNOT_OVERWRITE_MEDIA`
   */
  async fill(
    userId: string,
    address: { serverName: string; mediaId: string },
    source: () => Readable,
    as: UploadedAs,
  ): Promise<void> {
    const { mediaId } = address;
    const row = await this.rowAt(address);
    if (row.user_id !== userId) throw forbidden('Somebody else has reserved this address');
    if (row.uploaded_at !== null || this.uploading.has(mediaId)) throw cannotOverwriteMedia();
    if (this.hasExpired(row)) throw notFound('The reservation of this address has expired');
    this.uploading.add(mediaId);
    try {
      await this.fillReserved(mediaId, source(), as);
    } finally {
      this.uploading.delete(mediaId);
    }
    this.waiters.tell(mediaId);
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
      const row = await this.rowAt(address);
      const file = fileOf(row);
      if (file) {
        this.parts.use.note(row);
        return file;
      }
      if (this.hasExpired(row)) throw notFound('Nothing was ever uploaded to this address');
      if (!(await waiter.uploaded(patience))) throw notYetUploaded();
      const uploaded = fileOf(await this.rowAt(address));
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

  private async rowAt({ serverName, mediaId }: { serverName: string; mediaId: string }): Promise<LocalMediaRow> {
    const isHere = serverName === this.parts.serverName && isMediaId(mediaId);
    const row = isHere ? await this.parts.storage.read((tx) => tx.media.get(mediaId)) : undefined;
    if (!row) throw notFound('There is no such file here');
    return row;
  }

  private hasExpired(row: LocalMediaRow): boolean {
    return row.expires_at !== null && row.expires_at <= this.parts.clock.now();
  }

  private async fillReserved(mediaId: string, source: Readable, as: UploadedAs): Promise<void> {
    const { storage, blobs, clock } = this.parts;
    const { size, sha256 } = await blobs.write(localKey(mediaId), source);
    const set = new WriteSet().add('local_media.fill', {
      media_id: mediaId,
      content_type: as.contentType ?? null,
      file_name: as.fileName ?? null,
      size,
      sha256,
      uploaded_at: clock.now(),
    });
    try {
      await this.orRemove(mediaId, storage.commit(set));
    } catch (error) {
      if (error instanceof ConflictError) throw notFound('The reservation of this address has expired');
      throw error;
    }
  }

  /** Removes the file again if its row cannot be written. */
  private async orRemove(mediaId: string, committed: Promise<unknown>): Promise<void> {
    try {
      await committed;
    } catch (error) {
      await this.parts.blobs.remove(localKey(mediaId));
      throw error;
    }
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
