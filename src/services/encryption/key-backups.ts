import { forbidden, invalidParam, notFound, wrongRoomKeysVersion } from '../../protocol/errors.ts';
import type { JsonObject } from '../../protocol/json.ts';
import type { KeyBackupRow } from '../../storage/contract/key-backup.ts';
import type { Storage } from '../../storage/contract/storage.ts';
import { WriteSet } from '../../storage/contract/write-set.ts';
import { decideAgainOnConflict } from './decide-again.ts';

/** What `GET /room_keys/version` answers. */
export interface KeyBackupInfo {
  readonly version: string;
  readonly algorithm: string;
  readonly auth_data: JsonObject;
  readonly etag: string;
  readonly count: number;
}

/**
 * Versions of a user's key backup: the newest that is not deleted is the current one.
 * Source: https://spec.matrix.org/v1.19/client-server-api/#server-side-key-backups
 */
export class KeyBackups {
  private readonly storage: Storage;
  private readonly limits: { readonly versionsPerUser: number };

  constructor(storage: Storage, limits: { readonly versionsPerUser: number }) {
    this.storage = storage;
    this.limits = limits;
  }

  /** Begins a new version, which is the current one from now on. */
  create(userId: string, algorithm: string, authData: JsonObject): Promise<string> {
    return decideAgainOnConflict(async () => {
      const rows = await this.versions(userId);
      if (rows.filter((row) => row.deleted === 0).length >= this.limits.versionsPerUser) {
        throw forbidden(`You have ${this.limits.versionsPerUser} key backups: delete one first`);
      }
      const version = (rows[0]?.version ?? 0) + 1;
      const set = new WriteSet();
      set.add('key_backups.insert', {
        user_id: userId,
        version,
        algorithm,
        auth_data: JSON.stringify(authData),
        etag: 0,
        key_count: 0,
        deleted: 0,
      });
      await this.storage.commit(set);
      return String(version);
    });
  }

  /** @throws M_NOT_FOUND */
  async current(userId: string): Promise<KeyBackupInfo> {
    const row = (await this.versions(userId)).find(isLive);
    if (!row) throw notFound('There is no key backup');
    return infoOf(row);
  }

  /** @throws M_NOT_FOUND */
  async get(userId: string, version: string): Promise<KeyBackupInfo> {
    return infoOf(await this.live(userId, version));
  }

  /** @throws M_NOT_FOUND, M_INVALID_PARAM for another algorithm */
  async update(userId: string, version: string, algorithm: string, authData: JsonObject): Promise<void> {
    await decideAgainOnConflict(async () => {
      const row = await this.live(userId, version);
      if (row.algorithm !== algorithm) throw invalidParam('The backup has another algorithm');
      const set = new WriteSet();
      set.add('key_backups.setAuthData', {
        user_id: userId,
        version: row.version,
        auth_data: JSON.stringify(authData),
      });
      await this.storage.commit(set);
    });
  }

  /**
   * Deletes a version and its keys; once more, nothing.
   * @throws M_NOT_FOUND for a version that never was
   */
  async delete(userId: string, version: string): Promise<void> {
    await decideAgainOnConflict(async () => {
      const row = (await this.versions(userId)).find((each) => String(each.version) === version);
      if (!row) throw unknownVersion();
      if (!isLive(row)) return;
      const set = new WriteSet();
      set.add('key_backups.delete', { user_id: userId, version: row.version });
      set.add('key_backup_sessions.deleteOfVersion', { user_id: userId, version: row.version });
      await this.storage.commit(set);
    });
  }

  /** A version that is not deleted. @throws M_NOT_FOUND */
  async live(userId: string, version: string): Promise<KeyBackupRow> {
    const row = (await this.versions(userId)).find((each) => String(each.version) === version);
    if (!row || !isLive(row)) throw unknownVersion();
    return row;
  }

  /**
   * The current version, to which alone keys are added.
   * @throws M_NOT_FOUND without a backup, M_WRONG_ROOM_KEYS_VERSION if another one is current
   */
  async writable(userId: string, version: string): Promise<KeyBackupRow> {
    const row = (await this.versions(userId)).find(isLive);
    if (!row) throw unknownVersion();
    if (String(row.version) !== version) throw wrongRoomKeysVersion(String(row.version));
    return row;
  }

  /** The newest first. */
  private versions(userId: string): Promise<KeyBackupRow[]> {
    return this.storage.read((tx) => tx.keyBackup.versions(userId));
  }
}

const isLive = (row: KeyBackupRow): boolean => row.deleted === 0;
const unknownVersion = () => notFound('Unknown backup version');

function infoOf(row: KeyBackupRow): KeyBackupInfo {
  return {
    version: String(row.version),
    algorithm: row.algorithm,
    auth_data: JSON.parse(row.auth_data) as JsonObject,
    etag: String(row.etag),
    count: row.key_count,
  };
}
