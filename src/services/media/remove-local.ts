import type { BlobStore } from '../../storage/contract/blobs.ts';
import type { Storage } from '../../storage/contract/storage.ts';
import { WriteSet } from '../../storage/contract/write-set.ts';
import { localKey } from './local-key.ts';
import { thumbnailKey } from './thumbnail-key.ts';

/** Removes a file of this server with its thumbnails; `set` is committed with that. */
export async function removeLocal(
  { storage, blobs }: { readonly storage: Storage; readonly blobs: BlobStore },
  mediaId: string,
  set = new WriteSet(),
): Promise<void> {
  const thumbnails = await storage.read((tx) => tx.media.thumbnails(mediaId));
  // The rows first: a file without a row is only lost room, a row without a file is an error for whoever asks.
  set.add('local_media.delete', { media_id: mediaId }).add('thumbnails.deleteOf', { media_id: mediaId });
  await storage.commit(set);
  for (const row of thumbnails) await blobs.remove(thumbnailKey(mediaId, row));
  await blobs.remove(localKey(mediaId));
}
