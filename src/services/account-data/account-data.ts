import { badJson, forbidden, MatrixError, notFound, tooLarge } from '../../protocol/errors.ts';
import { isJsonObject, type JsonObject } from '../../protocol/json.ts';
import type { AccountDataRow } from '../../storage/contract/account-data.ts';
import { decideAgain } from '../../storage/contract/decide-again.ts';
import type { Storage } from '../../storage/contract/storage.ts';
import { type Mutations, WriteSet } from '../../storage/contract/write-set.ts';
import { LoadingCache } from '../../util/loading-cache.ts';
import type { NoticeBoard } from '../events.ts';
import { ignoredUsersIn } from './ignored-users.ts';

/** A piece of account data as sync delivers it; `content` is JSON text. */
export interface AccountDataItem {
  readonly type: string;
  readonly content: string;
}

export interface AccountDataChanges {
  readonly global: readonly AccountDataItem[];
  readonly rooms: ReadonlyMap<string, readonly AccountDataItem[]>;
}

export interface AccountDataLimits {
  /** Bytes of one piece. */
  readonly accountDataSize: number;
  /** Pieces of one user. */
  readonly accountDataPerUser: number;
  /** Users of whom something is kept in memory. */
  readonly userCacheEntries: number;
}

/** What clients receive for a type of which something else, or nothing, is stored. */
export type DerivedContent = (userId: string, stored: string | undefined) => string;

export interface AccountDataParts {
  readonly storage: Storage;
  readonly notices: NoticeBoard;
  readonly limits: AccountDataLimits;
  /** By type, for the account as a whole: every user has them. */
  readonly derived: ReadonlyMap<string, DerivedContent>;
}

const IGNORED_USER_LIST = 'm.ignored_user_list';
const SET_ELSEWHERE: ReadonlySet<string> = new Set(['m.fully_read', 'm.push_rules']);
const NOTHING: AccountDataChanges = { global: [], rooms: new Map() };
const MAX_TYPE_BYTES = 255;

/**
 * What clients keep for a user, of the account or of one room, visible to that user alone.
 * Source: https://spec.matrix.org/v1.19/client-server-api/#client-config
 */
export class AccountData {
  private readonly parts: AccountDataParts;
  private readonly lastPositions: LoadingCache<string, number>;
  private readonly ignored: LoadingCache<string, ReadonlySet<string>>;

  constructor(parts: AccountDataParts) {
    this.parts = parts;
    const max = parts.limits.userCacheEntries;
    this.lastPositions = new LoadingCache({
      load: (userId) => parts.storage.read((tx) => tx.accountData.lastPosition(userId)),
      max,
    });
    this.ignored = new LoadingCache({
      load: async (userId) => ignoredUsersIn(userId, await this.stored(userId, '', IGNORED_USER_LIST)),
      max,
    });
    parts.notices.on('accountDeactivated', ({ userId }) => this.ignored.update(userId, () => new Set()));
  }

  /** JSON text of the content; undefined if it was never set. */
  async get(userId: string, roomId: string | undefined, type: string): Promise<string | undefined> {
    const stored = await this.stored(userId, roomId ?? '', type);
    const derive = roomId === undefined ? this.parts.derived.get(type) : undefined;
    return derive ? derive(userId, stored) : stored;
  }

  /** For clients. @throws 404 `M_NOT_FOUND` */
  async read(userId: string, roomId: string | undefined, type: string): Promise<string> {
    const content = await this.get(userId, roomId, type);
    if (content === undefined) throw notFound('There is no account data of this type');
    return content;
  }

  /** Refuses what one user may not ask of another's account data. @throws 403 `M_FORBIDDEN` */
  static checkOwner(requesterId: string, userId: string): void {
    if (requesterId !== userId) throw forbidden('You can only use your own account data');
  }

  /** For clients. @throws 405 `M_BAD_JSON` for types that have endpoints of their own, 413 `M_TOO_LARGE` */
  async set(userId: string, roomId: string | undefined, type: string, content: JsonObject): Promise<void> {
    if (SET_ELSEWHERE.has(type)) {
      throw new MatrixError('M_BAD_JSON', `${type} cannot be set through this API`, { status: 405 });
    }
    if (type === '') throw badJson('The type is empty');
    if (Buffer.byteLength(type) > MAX_TYPE_BYTES) throw tooLarge(`A type has at most ${MAX_TYPE_BYTES} bytes`);
    const text = checked(content, this.parts.limits.accountDataSize);
    const room = roomId ?? '';
    await this.refuseTooMany(userId, room, type);
    await this.write(userId, room, type, text, (set, row) => set.add('account_data.put', row));
  }

  /**
   * Changes a piece by what it is: `decide` gets the content (undefined if there is none) and answers the new one, or
   * undefined to leave it. It may be asked again when another change came between.
   */
  async change(
    userId: string,
    roomId: string | undefined,
    type: string,
    decide: (current: JsonObject | undefined) => JsonObject | undefined | Promise<JsonObject | undefined>,
    maxBytes = this.parts.limits.accountDataSize,
  ): Promise<void> {
    const room = roomId ?? '';
    await decideAgain(async () => {
      const row = await this.parts.storage.read((tx) => tx.accountData.get(userId, room, type));
      const next = await decide(row && parsed(row));
      if (next === undefined) return;
      const text = checked(next, maxBytes);
      if (!row) await this.refuseTooMany(userId, room, type);
      await this.write(userId, room, type, text, (set, written) =>
        row
          ? set.add('account_data.replace', { ...written, expected: row.position })
          : set.add('account_data.insert', written),
      );
    });
  }

  /** What was set with `since` < position ≤ `upTo`; everything there is if `since` is 0. */
  async changedSince(userId: string, since: number, upTo: number): Promise<AccountDataChanges> {
    const last = this.lastPositions.peek(userId) ?? (await this.lastPositions.get(userId));
    if (since > 0 && last <= since) return NOTHING;
    const rows = await this.parts.storage.read((tx) => tx.accountData.changedSince(userId, since, upTo));
    const global: AccountDataItem[] = [];
    const rooms = new Map<string, AccountDataItem[]>();
    for (const { room_id, type, content } of rows) {
      if (room_id === '') {
        const derive = this.parts.derived.get(type);
        global.push({ type, content: derive ? derive(userId, content) : content });
        continue;
      }
      const known = rooms.get(room_id);
      if (known) known.push({ type, content });
      else rooms.set(room_id, [{ type, content }]);
    }
    if (since === 0) await this.addDerived(userId, global);
    return { global, rooms };
  }

  /** The users whose messages and invites a user does not want to see. */
  async ignoredUsers(userId: string): Promise<ReadonlySet<string>> {
    return this.ignored.peek(userId) ?? this.ignored.get(userId);
  }

  private async addDerived(userId: string, global: AccountDataItem[]): Promise<void> {
    for (const type of this.parts.derived.keys()) {
      if (global.some((item) => item.type === type)) continue;
      const content = await this.get(userId, undefined, type);
      if (content !== undefined) global.push({ type, content });
    }
  }

  private async stored(userId: string, roomId: string, type: string): Promise<string | undefined> {
    return (await this.parts.storage.read((tx) => tx.accountData.get(userId, roomId, type)))?.content;
  }

  private async refuseTooMany(userId: string, roomId: string, type: string): Promise<void> {
    const limit = this.parts.limits.accountDataPerUser;
    await this.parts.storage.read(async ({ accountData }) => {
      if (await accountData.get(userId, roomId, type)) return;
      if ((await accountData.count(userId)) >= limit)
        throw tooLarge(`You have ${limit} pieces of account data already`);
    });
  }

  private async write(
    userId: string,
    roomId: string,
    type: string,
    content: string,
    add: (set: WriteSet, row: Mutations['account_data.put']) => WriteSet,
  ): Promise<void> {
    const set = new WriteSet();
    const offset = set.nextPosition();
    add(set, { user_id: userId, room_id: roomId, type, content, position: offset });
    set.onCommitted((committed) => {
      const position = committed.position(offset);
      this.lastPositions.update(userId, (last) => Math.max(last, position));
      if (roomId === '' && type === IGNORED_USER_LIST)
        this.ignored.update(userId, () => ignoredUsersIn(userId, content));
      const room = roomId === '' ? undefined : roomId;
      this.parts.notices.publish('accountData', { userId, roomId: room, type, content, position });
    });
    await this.parts.storage.commit(set);
  }
}

function checked(content: JsonObject, maxBytes: number): string {
  const text = JSON.stringify(content);
  if (Buffer.byteLength(text) > maxBytes) throw tooLarge(`Account data of this type has at most ${maxBytes} bytes`);
  return text;
}

function parsed(row: AccountDataRow): JsonObject {
  const content: unknown = JSON.parse(row.content);
  return isJsonObject(content) ? content : {};
}
