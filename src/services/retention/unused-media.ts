import { parseMxcUri } from '../../protocol/identifiers/mxc-uri.ts';
import type { BlobStore } from '../../storage/contract/blobs.ts';
import type { Storage } from '../../storage/contract/storage.ts';
import type { RemoteMedia } from '../media/remote-media.ts';
import { removeLocal } from '../media/remove-local.ts';
import type { Profiles } from '../profiles/profiles.ts';

export interface UnusedMediaParts {
  readonly storage: Storage;
  readonly blobs: BlobStore;
  readonly remote: RemoteMedia;
  readonly profiles: Profiles;
  readonly serverName: string;
}

/** Removes files when the last message that showed them is gone. */
export class UnusedMedia {
  readonly #parts: UnusedMediaParts;

  constructor(parts: UnusedMediaParts) {
    this.#parts = parts;
  }

  /** @param mxcs files of messages that were deleted */
  async removeUnused(mxcs: readonly string[]): Promise<void> {
    const { storage, remote, serverName } = this.#parts;
    const shown = await storage.read((tx) => tx.retention.shownMedia(mxcs));
    const used = new Set(shown.map(({ mxc }) => mxc));
    for (const mxc of mxcs) {
      const file = used.has(mxc) ? undefined : parseMxcUri(mxc);
      if (file === undefined) continue;
      if (file.server !== serverName) await remote.forget(file.server, file.mediaId);
      else if (!(await this.#isAvatar(mxc, file.mediaId))) await removeLocal(this.#parts, file.mediaId);
    }
  }

  /** Whether it is the picture of whoever uploaded it. */
  async #isAvatar(mxc: string, mediaId: string): Promise<boolean> {
    const { storage, profiles } = this.#parts;
    const row = await storage.read((tx) => tx.media.get(mediaId));
    return row !== undefined && (await profiles.get(row.user_id)).avatar_url === mxc;
  }
}
