import type { Storage } from '../../storage/contract/storage.ts';
import { WriteSet } from '../../storage/contract/write-set.ts';

/** Forgets keys of servers while there are more than `most` of all: who makes up names by the thousand has as many keys. */
export async function trimKeys(storage: Storage, most: number): Promise<void> {
  const keys = await storage.readHeavy((tx) => tx.serverKeys.count());
  if (keys <= most) return;
  const set = new WriteSet().add('server_keys.trimServers', { keep: most });
  await storage.commit(set.add('server_key_documents.trimServers', {}));
}
