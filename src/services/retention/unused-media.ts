import { shownMedia } from '../../protocol/events/shown-media.ts';
import { makeMxcUri, parseMxcUri } from '../../protocol/identifiers/mxc-uri.ts';
import type { BlobStore } from '../../storage/contract/blobs.ts';
import type { Storage } from '../../storage/contract/storage.ts';
import { WriteSet } from '../../storage/contract/write-set.ts';
import type { Clock } from '../../util/clock.ts';
import type { Logger } from '../../util/logger.ts';
import type { AccountData } from '../account-data/account-data.ts';
import type { RemoteMedia } from '../media/remote-media.ts';
import { removeLocal } from '../media/remove-local.ts';
import type { Profiles } from '../profiles/profiles.ts';

export interface UnusedMediaParts {
  readonly storage: Storage;
  readonly blobs: BlobStore;
  readonly remote: RemoteMedia;
  readonly profiles: Profiles;
  readonly accountData: Pick<AccountData, 'changedSince'>;
  readonly serverName: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Milliseconds after which files of this server are removed that nobody asks for; undefined: never. */
  readonly lifetime: number | undefined;
}

/** Files looked at together. */
const BATCH = 100;

/** Removes files when the last message that showed them is gone, and those that nobody asks for any more. */
export class UnusedMedia {
  readonly #parts: UnusedMediaParts;

  constructor(parts: UnusedMediaParts) {
    this.#parts = parts;
  }

  /**
   * Removes files of messages that were deleted. They are noted in the commit that deletes the messages, and their notes go
   * when they are gone: what a stop or an error interrupts is done by whoever comes next.
   */
  async removeUnused(): Promise<void> {
    const { storage } = this.#parts;
    for (let after = ''; ; ) {
      const from = after;
      const noted = await storage.read((tx) => tx.retention.unusedFiles(from, BATCH));
      if (noted.length === 0) return;
      const mxcs = noted.map(({ mxc }) => mxc);
      await this.#removeNoted(mxcs);
      after = mxcs.at(-1)!;
    }
  }

  async #removeNoted(mxcs: readonly string[]): Promise<void> {
    const { storage, logger } = this.#parts;
    const shown = await storage.read((tx) => tx.retention.shownMedia(mxcs));
    const used = new Set(shown.map(({ mxc }) => mxc));
    const done = new WriteSet();
    for (const mxc of mxcs) {
      try {
        await this.#remove(mxc, used.has(mxc));
        done.add('unused_files.delete', { mxc });
      } catch (err) {
        logger.warn({ err, mxc }, 'a file of messages that were deleted could not be removed and will be tried again');
      }
    }
    await storage.commit(done);
  }

  async #remove(mxc: string, isShown: boolean): Promise<void> {
    const { storage, remote, serverName } = this.#parts;
    const file = parseMxcUri(mxc);
    if (file === undefined) return;
    if (file.server !== serverName) return isShown ? undefined : remote.forget(file.server, file.mediaId);
    // Without its row it is on its way out, whoever shows it.
    const isKnown = (await storage.read((tx) => tx.media.get(file.mediaId))) !== undefined;
    if (isKnown && (isShown || (await this.#isAvatar(mxc, file.mediaId)) || (await this.#isKept(mxc, file.mediaId))))
      return;
    await removeLocal(this.#parts, file.mediaId);
  }

  /** Removes files of this server that nobody asked for in their lifetime. Who has one as their picture keeps it. */
  async expire(): Promise<void> {
    const { storage, clock, lifetime, serverName, logger } = this.#parts;
    if (lifetime === undefined) return;
    const now = clock.now();
    let removed = 0;
    for (;;) {
      const rows = await storage.read((tx) => tx.media.unused(now - lifetime, BATCH));
      for (const { media_id } of rows) {
        // Looked at again when its time would be over once more.
        const isKept = await this.#isAvatar(makeMxcUri(serverName, media_id), media_id);
        if (isKept) await storage.commit(new WriteSet().add('local_media.use', { media_id, used_at: now }));
        else await removeLocal(this.#parts, media_id);
        removed += isKept ? 0 : 1;
      }
      if (rows.length < BATCH) break;
    }
    if (removed > 0) logger.info({ removed }, 'files that nobody asked for were removed');
  }

  /** Whether whoever uploaded it keeps it for themselves, as stickers. */
  async #isKept(mxc: string, mediaId: string): Promise<boolean> {
    const { storage, accountData } = this.#parts;
    const row = await storage.read((tx) => tx.media.get(mediaId));
    if (!row) return false;
    const { global, rooms } = await accountData.changedSince(row.user_id, 0, storage.head);
    return [global, ...rooms.values()].some((items) => items.some(({ content }) => shownMedia(content).includes(mxc)));
  }

  /** Whether it is the picture of whoever uploaded it. */
  async #isAvatar(mxc: string, mediaId: string): Promise<boolean> {
    const { storage, profiles } = this.#parts;
    const row = await storage.read((tx) => tx.media.get(mediaId));
    return row !== undefined && (await profiles.get(row.user_id)).avatar_url === mxc;
  }
}
