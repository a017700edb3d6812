import type { Readable } from 'node:stream';
import { cannotOverwriteMedia, forbidden, limitExceeded, notFound } from '../../protocol/errors.ts';
import { makeMxcUri } from '../../protocol/identifiers/mxc-uri.ts';
import type { BlobStore } from '../../storage/contract/blobs.ts';
import type { Storage } from '../../storage/contract/storage.ts';
import { ConflictError, WriteSet } from '../../storage/contract/write-set.ts';
import type { Clock } from '../../util/clock.ts';
import type { Random } from '../../util/random.ts';
import { localKey } from './local-key.ts';
import { hasExpired, localRow } from './local-row.ts';
import type { UploadWaiters } from './upload-waiters.ts';

export interface UploadsParts {
  readonly storage: Storage;
  readonly blobs: BlobStore;
  readonly clock: Clock;
  readonly random: Random;
  readonly serverName: string;
  readonly waiters: UploadWaiters;
  readonly settings: {
    /** Bytes of a file. */
    readonly maxUploadSize: number;
    /** Ids that a user may reserve before uploading. */
    readonly maxPendingUploads: number;
    /** Milliseconds after which a reserved id that was not used is given up. */
    readonly pendingUploadLifetime: number;
  };
}

/** What a client says of a file that it uploads. Nothing vouches for it. */
export interface UploadedAs {
  readonly contentType: string | undefined;
  readonly fileName: string | undefined;
}

const ID_LENGTH = 24;
const PENDING_RETRY_MS = 60_000;

/** Takes in the files of this server's users, at new addresses or at those that they have reserved. */
export class Uploads {
  private readonly parts: UploadsParts;
  /** Reserved ids to which somebody uploads right now. */
  private readonly uploading = new Set<string>();

  constructor(parts: UploadsParts) {
    this.parts = parts;
  }

  /** Bytes that a file may have: whoever hands one over sees to it. */
  get maxSize(): number {
    return this.parts.settings.maxUploadSize;
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

  /** Reserves an address, to be uploaded to later. @throws 429 `M_LIMIT_EXCEEDED` */
  async reserve(userId: string): Promise<{ contentUri: string; expiresAt: number }> {
    const { storage, clock, random } = this.parts;
    const now = clock.now();
    const pending = await storage.read((tx) => tx.media.countPending(userId, now));
    if (pending >= this.parts.settings.maxPendingUploads) {
      throw limitExceeded(PENDING_RETRY_MS, 'You have reserved too many addresses that nothing was uploaded to');
    }
    const mediaId = random.token(ID_LENGTH);
    const expiresAt = now + this.parts.settings.pendingUploadLifetime;
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
    const row = await localRow(this.parts, address);
    if (row.user_id !== userId) throw forbidden('Somebody else has reserved this address');
    if (row.uploaded_at !== null || this.uploading.has(mediaId)) throw cannotOverwriteMedia();
    if (hasExpired(row, this.parts.clock.now())) throw notFound('The reservation of this address has expired');
    this.uploading.add(mediaId);
    try {
      await this.fillReserved(mediaId, source(), as);
    } finally {
      this.uploading.delete(mediaId);
    }
    this.parts.waiters.tell(mediaId);
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
