import { limitExceeded, MatrixError, notFound } from '../../protocol/errors.ts';
import { isMediaId } from '../../protocol/identifiers/mxc-uri.ts';
import { isServerName, type ServerName } from '../../protocol/identifiers/server-name.ts';
import type { BlobStore } from '../../storage/contract/blobs.ts';
import type { RemoteMediaRow } from '../../storage/contract/media.ts';
import type { Storage } from '../../storage/contract/storage.ts';
import { ConflictError, WriteSet } from '../../storage/contract/write-set.ts';
import type { Clock } from '../../util/clock.ts';
import { LimitedConcurrency } from '../../util/limited-concurrency.ts';
import { Lru } from '../../util/lru.ts';
import type { Random } from '../../util/random.ts';
import type { MediaFile } from './media.ts';
import type { RemoteFiles } from './remote-files.ts';
import { thumbnailKey } from './thumbnail-key.ts';

export interface RemoteMediaSettings {
  /** Bytes that are kept. */
  readonly remoteCacheSize: number;
  /** Milliseconds that a file is kept without being asked for; undefined while there is room for it. */
  readonly remoteLifetime: number | undefined;
  /** Milliseconds before a file that could not be fetched is tried again. */
  readonly remoteRetry: number;
  readonly remoteDownloads: number;
  readonly remoteDownloadsWaiting: number;
}

export interface RemoteMediaParts {
  readonly storage: Storage;
  readonly blobs: BlobStore;
  readonly files: RemoteFiles;
  /** Servers that are spoken with. */
  readonly servers: { has(server: ServerName): boolean };
  readonly clock: Clock;
  readonly random: Random;
  readonly settings: RemoteMediaSettings;
}

interface Address {
  readonly serverName: string;
  readonly mediaId: string;
}

const ID_LENGTH = 24;
const RETRY_MS = 5_000;
/** How exactly it is known when a file was last asked for. */
const USE_MS = 3_600_000;
/** Files that are removed in one go. */
const REMOVED = 100;
/** Files that could not be fetched, in memory. */
const FAILURES = 10_000;

/** Files of other servers: fetched when first asked for, and kept while there is room for them. */
export class RemoteMedia {
  private readonly parts: RemoteMediaParts;
  private readonly places: LimitedConcurrency;
  private readonly fetching = new Map<string, Promise<MediaFile>>();
  private readonly failures = new Lru<string, { readonly until: number; readonly error: MatrixError }>({
    max: FAILURES,
  });
  private trimming: Promise<void> | undefined;

  constructor(parts: RemoteMediaParts) {
    this.parts = parts;
    const { remoteDownloads: running, remoteDownloadsWaiting: waiting } = parts.settings;
    this.places = new LimitedConcurrency({ running, waiting });
  }

  /** @throws 404 `M_NOT_FOUND`, 504 `M_NOT_YET_UPLOADED`, 502 `M_TOO_LARGE` or `M_UNKNOWN`, 429 `M_LIMIT_EXCEEDED` */
  async find({ serverName, mediaId }: Address, isFetchAllowed: boolean): Promise<MediaFile> {
    if (!isServerName(serverName) || !isMediaId(mediaId)) throw notFound('There is no such file');
    const row = await this.parts.storage.read((tx) => tx.media.remote(serverName, mediaId));
    if (row !== undefined) return this.used(row);
    if (!isFetchAllowed || !this.parts.servers.has(serverName)) throw notFound('The file is not here');
    const name = `${serverName}/${mediaId}`;
    const failure = this.failures.get(name);
    if (failure !== undefined && failure.until > this.parts.clock.now()) throw failure.error;
    const running = this.fetching.get(name);
    if (running !== undefined) return running;
    const fetching = this.places
      .run(
        () => this.obtain(serverName, mediaId),
        () => limitExceeded(RETRY_MS, 'Too many files are being fetched from other servers'),
      )
      .catch((error: unknown) => {
        if (error instanceof MatrixError && error.status !== 429) this.remember(name, error);
        throw error;
      })
      .finally(() => this.fetching.delete(name));
    this.fetching.set(name, fetching);
    return fetching;
  }

  /** Removes a file that nobody is shown any more. */
  async forget(serverName: string, mediaId: string): Promise<void> {
    const row = await this.parts.storage.read((tx) => tx.media.remote(serverName, mediaId));
    if (row !== undefined) await this.remove(row);
  }

  /** Removes what nobody has asked for in the configured time. */
  async expire(): Promise<void> {
    const { storage, clock, settings } = this.parts;
    if (settings.remoteLifetime === undefined) return;
    const before = clock.now() - settings.remoteLifetime;
    for (;;) {
      const rows = await storage.read((tx) => tx.media.leastUsed(REMOVED));
      const unused = rows.filter((row) => row.used_at <= before);
      for (const row of unused) await this.remove(row);
      if (unused.length < REMOVED) return;
    }
  }

  /** Removes what was not asked for longest until the rest fits. One at a time; who comes meanwhile waits for it. */
  trim(): Promise<void> {
    this.trimming ??= this.trimNow().finally(() => {
      this.trimming = undefined;
    });
    return this.trimming;
  }

  private remember(name: string, error: MatrixError): void {
    this.failures.set(name, { until: this.parts.clock.now() + this.parts.settings.remoteRetry, error });
  }

  private async obtain(server: ServerName, mediaId: string): Promise<MediaFile> {
    const { storage, blobs, files, clock, random } = this.parts;
    // Somebody else may have got it since it was looked for.
    const known = await storage.read((tx) => tx.media.remote(server, mediaId));
    if (known !== undefined) return this.used(known);
    const { contentType, fileName, bytes } = await files.download(server, mediaId);
    const cacheId = random.token(ID_LENGTH);
    const row: RemoteMediaRow = {
      ...{ server_name: server, media_id: mediaId, cache_id: cacheId, used_at: clock.now() },
      ...{ content_type: contentType, file_name: fileName ?? null },
      ...(await blobs.write(keyOf(cacheId), bytes)),
    };
    try {
      await storage.commit(new WriteSet().add('remote_media.insert', row));
    } catch (error) {
      await blobs.remove(keyOf(cacheId));
      // Another process was faster.
      const theirs = await storage.read((tx) => tx.media.remote(server, mediaId));
      if (error instanceof ConflictError && theirs !== undefined) return this.used(theirs);
      throw error;
    }
    await this.trim();
    return fileOf(row);
  }

  private async used(row: RemoteMediaRow): Promise<MediaFile> {
    const now = this.parts.clock.now();
    if (row.used_at + USE_MS <= now) {
      const { server_name, media_id } = row;
      await this.parts.storage.commit(new WriteSet().add('remote_media.use', { server_name, media_id, used_at: now }));
    }
    return fileOf(row);
  }

  private async trimNow(): Promise<void> {
    const { storage, settings } = this.parts;
    let excess = (await storage.readHeavy((tx) => tx.media.remoteSize())) - settings.remoteCacheSize;
    while (excess > 0) {
      const rows = await storage.read((tx) => tx.media.leastUsed(REMOVED));
      if (rows.length === 0) return;
      for (const row of rows) {
        if (excess <= 0) return;
        await this.remove(row);
        excess -= row.size;
      }
    }
  }

  private async remove({ server_name, media_id, cache_id }: RemoteMediaRow): Promise<void> {
    const { storage, blobs } = this.parts;
    const thumbnails = await storage.read((tx) => tx.media.thumbnails(cache_id));
    // The rows first: a file without a row is only lost room, a row without a file is an error for whoever asks.
    const set = new WriteSet().add('remote_media.delete', { server_name, media_id, cache_id });
    await storage.commit(set.add('thumbnails.deleteOf', { media_id: cache_id }));
    for (const row of thumbnails) await blobs.remove(thumbnailKey(cache_id, row));
    await blobs.remove(keyOf(cache_id));
  }
}

function keyOf(cacheId: string): string {
  return `remote/${cacheId}`;
}

function fileOf(row: RemoteMediaRow): MediaFile {
  return {
    mediaId: row.cache_id,
    key: keyOf(row.cache_id),
    contentType: row.content_type ?? 'application/octet-stream',
    fileName: row.file_name ?? undefined,
    size: row.size,
    sha256: row.sha256,
  };
}
