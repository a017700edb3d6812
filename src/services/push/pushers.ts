import { invalidParam, missingParam } from '../../protocol/errors.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../protocol/json.ts';
import type { PusherRow } from '../../storage/contract/pushers.ts';
import type { Storage } from '../../storage/contract/storage.ts';
import { WriteSet } from '../../storage/contract/write-set.ts';
import type { Clock } from '../../util/clock.ts';
import type { Logger } from '../../util/logger.ts';
import type { NoticeBoard } from '../events.ts';

/** A pusher as a client describes it. */
export interface PusherRequest {
  readonly app_id: string;
  readonly pushkey: string;
  readonly kind: string | null;
  readonly app_display_name?: string | undefined;
  readonly device_display_name?: string | undefined;
  readonly profile_tag?: string | undefined;
  readonly lang?: string | undefined;
  readonly data?: JsonObject | undefined;
  readonly append?: boolean | undefined;
  readonly enabled?: boolean | undefined;
}

export interface PushersParts {
  readonly storage: Storage;
  readonly notices: NoticeBoard;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly settings: { readonly pushersPerUser: number };
}

const GATEWAY_PATH = '/_matrix/push/v1/notify';

/**
 * Where users want to be notified while they do not sync.
 * Source: https://spec.matrix.org/v1.19/client-server-api/#push-notifications
 */
export class Pushers {
  private readonly parts: PushersParts;
  /** Who has any; somebody whose last one went may still be here. */
  private readonly users = new Set<string>();

  constructor(parts: PushersParts) {
    this.parts = parts;
    const { notices } = parts;
    notices.on('deviceDeleted', ({ userId, deviceId }) => {
      if (!this.users.has(userId)) return;
      this.drop(new WriteSet().add('pushers.deleteOfDevice', { user_id: userId, device_id: deviceId }));
    });
    notices.on('accountDeactivated', ({ userId }) => {
      if (this.users.delete(userId)) this.drop(new WriteSet().add('pushers.deleteOf', { user_id: userId }));
    });
  }

  /** Learns who has pushers, and deletes those of devices that went while the server ended. */
  async start(): Promise<void> {
    const { storage, clock } = this.parts;
    await storage.commit(new WriteSet().add('pushers.deleteOrphans', { now: clock.now() }));
    for (const { user_id } of await storage.readHeavy((tx) => tx.pushers.users())) this.users.add(user_id);
  }

  /** Whether a user may have any. */
  has(userId: string): boolean {
    return this.users.has(userId);
  }

  get isEmpty(): boolean {
    return this.users.size === 0;
  }

  all(): Iterable<string> {
    return this.users;
  }

  /** Who may have any, among the members of a room. */
  *among(members: ReadonlySet<string>): IterableIterator<string> {
    const [few, many] = members.size < this.users.size ? [members, this.users] : [this.users, members];
    for (const userId of few) if (many.has(userId)) yield userId;
  }

  async of(userId: string): Promise<PusherRow[]> {
    const rows = await this.parts.storage.read((tx) => tx.pushers.ofUser(userId));
    if (rows.length === 0) this.users.delete(userId);
    return rows;
  }

  /**
   * Makes, changes or (with `kind` null) deletes a pusher.
   * @throws 400 `M_MISSING_PARAM`, `M_INVALID_PARAM`
   */
  async set(owner: { userId: string; deviceId?: string | undefined }, request: PusherRequest): Promise<void> {
    const { storage } = this.parts;
    const key = { user_id: owner.userId, app_id: request.app_id, pushkey: request.pushkey };
    checkKey(request);
    if (request.kind === null) {
      await storage.commit(new WriteSet().add('pushers.delete', key));
      return;
    }
    const row = await this.rowOf(owner, request, key);
    const set = new WriteSet();
    if (request.append !== true) set.add('pushers.deleteOfOthers', key);
    set.add('pushers.put', row);
    set.add('pushers.trim', { user_id: owner.userId, keep: this.parts.settings.pushersPerUser });
    set.onCommitted(() => this.users.add(owner.userId));
    await storage.commit(set);
  }

  /** The gateway does not want to hear of it any more. */
  async reject({ user_id, app_id, pushkey }: PusherRow): Promise<void> {
    await this.parts.storage.commit(new WriteSet().add('pushers.delete', { user_id, app_id, pushkey }));
  }

  /** The gateway has been told of everything up to a stream position. */
  async advance({ user_id, app_id, pushkey }: PusherRow, position: number): Promise<void> {
    await this.parts.storage.commit(new WriteSet().add('pushers.advance', { user_id, app_id, pushkey, position }));
  }

  private async rowOf(
    owner: { userId: string; deviceId?: string | undefined },
    request: PusherRequest,
    key: Pick<PusherRow, 'user_id' | 'app_id' | 'pushkey'>,
  ): Promise<PusherRow> {
    const { storage, clock } = this.parts;
    const { data, lang, app_display_name: app, device_display_name: device } = request;
    const missing = Object.entries({ lang, data, app_display_name: app, device_display_name: device });
    const names = missing.filter(([, value]) => value === undefined).map(([name]) => name);
    if (names.length > 0) throw missingParam(`Missing parameters: ${names.join(', ')}`);
    if (request.kind !== 'http') throw invalidParam('This server notifies by pushers of kind http only');
    checkData(data);
    const known = (await this.of(owner.userId)).find((row) => row.app_id === key.app_id && row.pushkey === key.pushkey);
    return {
      ...key,
      device_id: owner.deviceId ?? null,
      kind: request.kind,
      app_display_name: app!,
      device_display_name: device!,
      profile_tag: request.profile_tag ?? null,
      lang: lang!,
      data: JSON.stringify(data),
      enabled: request.enabled === false ? 0 : 1,
      created_at: clock.now(),
      // Of what was said before nobody needs to be told.
      position: known?.enabled === 1 ? known.position : storage.head,
    };
  }

  private drop(set: WriteSet): void {
    this.parts.storage.commit(set).catch((error: unknown) => {
      this.parts.logger.warn({ err: error }, 'pushers of a device that is gone are deleted at the next start');
    });
  }
}

function checkKey({ app_id: appId, pushkey }: PusherRequest): void {
  if (Buffer.byteLength(pushkey) > 512) throw invalidParam('pushkey is longer than 512 bytes');
  if ([...appId].length > 64) throw invalidParam('app_id is longer than 64 characters');
}

function checkData(data: JsonValue | undefined): void {
  const url = isJsonObject(data) ? data['url'] : undefined;
  if (typeof url !== 'string') throw missingParam('data.url is missing');
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed?.protocol !== 'https:') throw invalidParam('data.url is no https address');
  if (parsed.pathname !== GATEWAY_PATH) throw invalidParam(`The path of data.url is not ${GATEWAY_PATH}`);
}
