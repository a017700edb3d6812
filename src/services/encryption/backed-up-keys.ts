import { notFound, tooLarge } from '../../protocol/errors.ts';
import type { JsonObject } from '../../protocol/json.ts';
import type { BackedUpSessionRow, KeyBackupRow } from '../../storage/contract/key-backup.ts';
import type { Storage } from '../../storage/contract/storage.ts';
import { WriteSet } from '../../storage/contract/write-set.ts';
import { keyText, once, roomsText, sessionsText } from './backup-text.ts';
import { decideAgainOnConflict } from './decide-again.ts';
import type { KeyBackups } from './key-backups.ts';

/** The key of a megolm session as it is backed up. */
export interface KeyBackupData {
  readonly first_message_index: number;
  readonly forwarded_count: number;
  readonly is_verified: boolean;
  readonly session_data: JsonObject;
}

/** Room id to session id to key. */
export type BackedUpRooms = Readonly<Record<string, { readonly sessions: Readonly<Record<string, KeyBackupData>> }>>;

/** What every change of a backup's keys answers. */
export interface KeyBackupState {
  readonly etag: string;
  readonly count: number;
}

/** All keys, those of a room, or one. */
export interface KeyScope {
  readonly roomId?: string;
  readonly sessionId?: string;
}

/** A change of the keys of a backup: its mutations, and how many keys it adds or removes. */
interface Change {
  readonly set: WriteSet;
  readonly added: number;
}

/** Keys that are read at once. */
const PAGE = 1_000;

/** The keys in key backups. */
export class BackedUpKeys {
  private readonly storage: Storage;
  private readonly backups: KeyBackups;
  private readonly limits: { readonly keysPerBackup: number };

  constructor(storage: Storage, backups: KeyBackups, limits: { readonly keysPerBackup: number }) {
    this.storage = storage;
    this.backups = backups;
    this.limits = limits;
  }

  /**
   * Stores keys, all in one commit; of two keys of a session the better one stays.
   * Source: https://spec.matrix.org/v1.19/client-server-api/#put_matrixclientv3room_keyskeys
   * @throws M_NOT_FOUND, M_WRONG_ROOM_KEYS_VERSION, M_TOO_LARGE
   */
  put(userId: string, version: string, rooms: BackedUpRooms): Promise<KeyBackupState> {
    return decideAgainOnConflict(async () => {
      const backup = await this.backups.writable(userId, version);
      const set = new WriteSet();
      let added = 0;
      for (const [roomId, { sessions }] of Object.entries(rooms)) {
        const known = await this.known(backup, roomId, Object.keys(sessions));
        for (const [sessionId, key] of Object.entries(sessions)) {
          const existing = known.get(sessionId);
          if (existing && !isBetter(key, existing)) continue;
          set.add('key_backup_sessions.put', rowOf(backup, roomId, sessionId, key));
          if (!existing) added += 1;
        }
      }
      return this.apply(backup, { set, added });
    });
  }

  /**
   * Keys as JSON text, a page of keys at a time: `{"rooms":…}`, `{"sessions":…}` or one key.
   * @throws M_NOT_FOUND without the backup, or without the one key
   */
  async get(userId: string, version: string, scope: KeyScope): Promise<AsyncIterable<string>> {
    const backup = await this.backups.live(userId, version);
    const { roomId, sessionId } = scope;
    if (roomId === undefined) return roomsText(this.pages(backup, undefined));
    if (sessionId === undefined) return sessionsText(this.pages(backup, roomId));
    const row = await this.storage.read((tx) => tx.keyBackup.session(userId, backup.version, roomId, sessionId));
    if (!row) throw notFound('The key is not in the backup');
    return once(keyText(row));
  }

  /**
   * Removes keys.
   * @throws M_NOT_FOUND without the backup
   */
  delete(userId: string, version: string, { roomId, sessionId }: KeyScope): Promise<KeyBackupState> {
    return decideAgainOnConflict(async () => {
      const backup = await this.backups.live(userId, version);
      const of = { user_id: userId, version: backup.version };
      const set = new WriteSet();
      if (roomId === undefined) {
        if (backup.key_count > 0) set.add('key_backup_sessions.deleteOfVersion', of);
        return this.apply(backup, { set, added: -backup.key_count });
      }
      if (sessionId === undefined) {
        const keys = await this.storage.readHeavy((tx) => tx.keyBackup.countInRoom(userId, backup.version, roomId));
        if (keys > 0) set.add('key_backup_sessions.deleteOfRoom', { ...of, room_id: roomId });
        return this.apply(backup, { set, added: -keys });
      }
      const row = await this.storage.read((tx) => tx.keyBackup.session(userId, backup.version, roomId, sessionId));
      if (row) set.add('key_backup_sessions.delete', { ...of, room_id: roomId, session_id: sessionId });
      return this.apply(backup, { set, added: row ? -1 : 0 });
    });
  }

  /** The keys of a backup, or of one room of it, in order. */
  private async *pages(backup: KeyBackupRow, roomId: string | undefined): AsyncIterable<BackedUpSessionRow[]> {
    const { user_id, version } = backup;
    let after = { roomId: roomId ?? '', sessionId: '' };
    for (;;) {
      const rows = await this.storage.readHeavy(({ keyBackup }) =>
        roomId === undefined
          ? keyBackup.page(user_id, version, after, PAGE)
          : keyBackup.pageOfRoom(user_id, version, after, PAGE),
      );
      if (rows.length > 0) yield rows;
      if (rows.length < PAGE) return;
      const last = rows.at(-1)!;
      after = { roomId: last.room_id, sessionId: last.session_id };
    }
  }

  private async known(
    { user_id, version }: KeyBackupRow,
    roomId: string,
    sessionIds: readonly string[],
  ): Promise<Map<string, BackedUpSessionRow>> {
    const rows = await this.storage.read((tx) => tx.keyBackup.sessionsInRoom(user_id, version, roomId, sessionIds));
    return new Map(rows.map((row) => [row.session_id, row]));
  }

  /** Commits a change, unless there is none, if the backup is still as it was read. */
  private async apply(backup: KeyBackupRow, { set, added }: Change): Promise<KeyBackupState> {
    if (set.mutations.length === 0) return { etag: String(backup.etag), count: backup.key_count };
    const count = backup.key_count + added;
    if (added > 0 && count > this.limits.keysPerBackup) {
      throw tooLarge(`A key backup holds ${this.limits.keysPerBackup} keys at most`);
    }
    const etag = backup.etag + 1;
    const { user_id, version } = backup;
    set.add('key_backups.count', { user_id, version, expected: backup.etag, etag, key_count: count });
    await this.storage.commit(set);
    return { etag: String(etag), count };
  }
}

/**
 * Which of two keys of a session is kept: a verified one, then one that decrypts from earlier on, then the less
 * forwarded one, else the one that is there.
 * Source: https://spec.matrix.org/v1.19/client-server-api/#recovering-keys
 */
export function isBetter(key: KeyBackupData, existing: BackedUpSessionRow): boolean {
  const verified = existing.is_verified === 1;
  if (key.is_verified !== verified) return key.is_verified;
  if (key.first_message_index !== existing.first_message_index) {
    return key.first_message_index < existing.first_message_index;
  }
  return key.forwarded_count < existing.forwarded_count;
}

function rowOf(backup: KeyBackupRow, roomId: string, sessionId: string, key: KeyBackupData): BackedUpSessionRow {
  return {
    user_id: backup.user_id,
    version: backup.version,
    room_id: roomId,
    session_id: sessionId,
    first_message_index: key.first_message_index,
    forwarded_count: key.forwarded_count,
    is_verified: key.is_verified ? 1 : 0,
    session_data: JSON.stringify(key.session_data),
  };
}
