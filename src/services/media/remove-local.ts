import { makeMxcUri } from '../../protocol/identifiers/mxc-uri.ts';
import type { BlobStore } from '../../storage/contract/blobs.ts';
import type { Storage } from '../../storage/contract/storage.ts';
import { WriteSet } from '../../storage/contract/write-set.ts';
import { localKey } from './local-key.ts';
import { thumbnailKey } from './thumbnail-key.ts';

export interface LocalFiles {
  readonly storage: Storage;
  readonly blobs: BlobStore;
  readonly serverName: string;
}

/**
 * Removes a file of this server with its thumbnails; `set` is committed with its row. Until it is gone it is noted as unused,
 * so that what a stop interrupts is done again by whoever removes unused files.
 */
export async function removeLocal(
  { storage, blobs, serverName }: LocalFiles,
  mediaId: string,
  set = new WriteSet(),
): Promise<void> {
  const mxc = makeMxcUri(serverName, mediaId);
  // The row first: a row without a file is an error for whoever asks.
  await storage.commit(set.add('local_media.delete', { media_id: mediaId }).add('unused_files.put', { mxc }));
  const thumbnails = await storage.read((tx) => tx.media.thumbnails(mediaId));
  for (const row of thumbnails) await blobs.remove(thumbnailKey(mediaId, row));
  await blobs.remove(localKey(mediaId));
  await storage.commit(
    new WriteSet().add('thumbnails.deleteOf', { media_id: mediaId }).add('unused_files.delete', { mxc }),
  );
}
