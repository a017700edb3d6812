/** What the server does for gateways in processes of their own: the same that it does for the one it has itself. */
import type { JsonObject } from '../../protocol/json.ts';
import type { RoomCache } from '../../services/timeline/room-cache.ts';
import type { Storage } from '../../storage/contract/storage.ts';
import type { Account, Credential, GatewayAccess, Operation, Reply } from '../api/gateway/access.ts';
import type { OpenChannel } from '../hub/channels.ts';
import type { LiveChannels } from '../services/live-channels.ts';
import type { LiveRooms } from '../services/live-rooms.ts';
import { mayWatch, mayWatchChannel } from '../services/may-watch.ts';
import type { ResumeSecrets } from '../services/resume-secrets.ts';
import { liveArea } from '../store/live-area.ts';
import type { AccountJson, SecretJson, StandJson } from './messages.ts';

export interface GatewayDeskParts {
  readonly storage: Storage;
  readonly rooms: Pick<RoomCache, 'get'>;
  readonly liveRooms: LiveRooms;
  readonly liveChannels: Pick<LiveChannels, 'open' | 'opened' | 'hold'>;
  readonly access: GatewayAccess;
  readonly secrets: Pick<ResumeSecrets, 'keep' | 'cutHash'>;
}

export class GatewayDesk {
  readonly #parts: GatewayDeskParts;

  constructor(parts: GatewayDeskParts) {
    this.#parts = parts;
  }

  /** Opens a channel and keeps it open until it is released. Rejects if the order is out of reach. */
  async watch(channelId: string): Promise<{ open: OpenChannel; isPublic: boolean; release: () => void } | undefined> {
    const { liveRooms, liveChannels, rooms } = this.#parts;
    const live = liveRooms.byChannel(channelId);
    const room = live && (await rooms.get(live.roomId));
    if (!live || !room) return undefined;
    const release = liveChannels.hold(live);
    const open = await liveChannels.open(live).catch((error: unknown) => {
      release();
      throw error;
    });
    if (open) return { open, isPublic: mayWatch(room, undefined), release };
    release();
    return undefined;
  }

  /** The channel, if it is open. */
  opened(channelId: string): OpenChannel | undefined {
    const live = this.#parts.liveRooms.byChannel(channelId);
    return live && this.#parts.liveChannels.opened(live);
  }

  /** Whether anybody may watch. */
  async isPublic(channelId: string): Promise<boolean> {
    const live = this.#parts.liveRooms.byChannel(channelId);
    const room = live && (await this.#parts.rooms.get(live.roomId));
    return room !== undefined && mayWatch(room, undefined);
  }

  redeem(
    credential: Credential,
    origin: string | undefined,
    channels: readonly string[],
  ): Promise<Account | undefined> {
    return this.#parts.access.redeem(credential, origin, channels);
  }

  /** Where a user stands in a channel; undefined if there is none. Rejects if the order is out of reach. */
  async stand(channelId: string, userId: string): Promise<StandJson | undefined> {
    const { liveRooms, rooms, access } = this.#parts;
    const live = liveRooms.byChannel(channelId);
    const room = live && (await rooms.get(live.roomId));
    // While it begins anew it is waited for.
    const open = live && (await this.#parts.liveChannels.open(live));
    if (!live || !room || !open) return undefined;
    const account = { userId, deviceId: '' };
    return {
      mayWatch: await mayWatchChannel(this.#parts, live, room, userId),
      you: await access.you(open, account),
    };
  }

  overlay(key: string): Promise<string | undefined> {
    return this.#parts.access.overlay(key);
  }

  async perform(op: Operation, channelId: string, account: AccountJson | undefined, json: JsonObject): Promise<Reply> {
    const live = this.#parts.liveRooms.byChannel(channelId);
    const open = live && (await this.#parts.liveChannels.open(live));
    if (!open) return { ok: false, code: 'not_found', message: 'The channel is gone' };
    return this.#parts.access.perform(op, open, account && accountOf(account), json);
  }

  keep({ hash, origin, ...account }: SecretJson): void {
    this.#parts.secrets.keep(hash, accountOf(account), origin);
  }

  cut(hash: string): void {
    this.#parts.secrets.cutHash(hash);
  }

  /** Of some who are signed in, the indices of those whose device is not there any more or may not be used. */
  async over(accounts: readonly AccountJson[]): Promise<number[]> {
    const userIds = [...new Set(accounts.map(({ user }) => user))];
    const rows = await this.#parts.storage.readArea(liveArea, (store) => store.devicesAmong(userIds));
    const users = new Set(rows.map(({ user_id }) => user_id));
    const devices = new Set(rows.map(({ user_id, device_id }) => `${device_id} ${user_id}`));
    // Application services act without a device.
    const isGood = ({ user, device }: AccountJson) =>
      device === '' ? users.has(user) : devices.has(`${device} ${user}`);
    return accounts.flatMap((account, index) => (isGood(account) ? [] : [index]));
  }
}

function accountOf({ user: userId, device: deviceId }: AccountJson): Account {
  return { userId, deviceId };
}
