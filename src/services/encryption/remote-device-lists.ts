import { serverOf } from '../../protocol/identifiers/parts.ts';
import { isUserId } from '../../protocol/identifiers/user-id.ts';
import type { JsonObject } from '../../protocol/json.ts';
import type { RemoteDeviceListRow, RemoteDeviceRow } from '../../storage/contract/remote-device-lists.ts';
import type { Storage } from '../../storage/contract/storage.ts';
import { WriteSet } from '../../storage/contract/write-set.ts';
import type { Clock } from '../../util/clock.ts';
import type { Logger } from '../../util/logger.ts';
import { Lru } from '../../util/lru.ts';
import type { NoticeBoard } from '../events.ts';
import type { RoomCache } from '../timeline/room-cache.ts';
import { decideAgainOnConflict } from './decide-again.ts';
import type { DeviceLists } from './device-lists.ts';
import {
  type DeviceUpdate,
  deviceUpdate,
  isEmpty,
  isSame,
  isSameJson,
  signingKey,
  type WholeList,
} from './remote-device-list-form.ts';

/** The devices and cross-signing keys of a user of another server, all JSON as that server told it. */
export interface RemoteDeviceList {
  readonly devices: readonly RemoteDeviceRow[];
  readonly masterKey: string | null;
  readonly selfSigningKey: string | null;
}

export interface RemoteDeviceListsDependencies {
  readonly storage: Storage;
  readonly notices: NoticeBoard;
  readonly deviceLists: DeviceLists;
  readonly rooms: RoomCache;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Of this server. */
  readonly serverName: string;
  readonly isLocal: (userId: string) => boolean;
}

const MOST_UNTOLD = 10_000;

/**
 * Devices of users of other servers who share rooms with users of this one, kept up to date by what their servers tell.
 * Where something is missing the list is asked for as a whole, for which it is marked in storage.
 * Source: https://spec.matrix.org/v1.19/server-server-api/#device-management
 */
export class RemoteDeviceLists {
  /** Told when a list is to be asked for. */
  onWanted: () => void = () => undefined;
  private readonly d: RemoteDeviceListsDependencies;
  private readonly watched = new Map<string, { isWanted: boolean }>();
  /** Users of whose devices nobody here has been told anything, as far as this process remembers. */
  private readonly untold = new Lru<string, true>({ max: MOST_UNTOLD });

  constructor(dependencies: RemoteDeviceListsDependencies) {
    this.d = dependencies;
    dependencies.notices.on('currentState', ({ type, stateKey, roomId, before, after }) => {
      if (type !== 'm.room.member' || before?.membership !== 'join') return;
      if (after?.membership !== 'join') {
        this.left(stateKey, roomId).catch((error: unknown) => this.fault(error));
      }
    });
  }

  /** Those of the lists that are up to date, by user id. Others are to be asked for at their servers. */
  async read(userIds: readonly string[]): Promise<ReadonlyMap<string, RemoteDeviceList>> {
    const { lists, devices } = await this.d.storage.read(async (tx) => ({
      lists: await tx.remoteDeviceLists.lists(userIds),
      devices: await tx.remoteDeviceLists.devices(userIds),
    }));
    const ofUser = new Map<string, RemoteDeviceRow[]>(lists.map((list) => [list.user_id, []]));
    for (const device of devices) ofUser.get(device.user_id)?.push(device);
    return new Map(
      lists
        .filter((list) => list.due_at === null)
        .map(({ user_id, master_key: masterKey, self_signing_key: selfSigningKey }) => [
          user_id,
          { devices: ofUser.get(user_id)!, masterKey, selfSigningKey },
        ]),
    );
  }

  /** Has the lists of those users fetched who share a room with local ones, so that {@link read} knows them later. */
  async want(userIds: readonly string[]): Promise<void> {
    const set = new WriteSet();
    const remote = userIds.filter((userId) => !this.d.isLocal(userId));
    for (const userId of remote) this.untold.delete(userId);
    const shared = await this.d.storage.read((tx) => tx.remoteDeviceLists.sharedOf(remote, this.d.serverName));
    for (const userId of shared) this.addWant(set, userId);
    if (set.mutations.length > 0) await this.d.storage.commit(set);
  }

  /** Puts the whole list in the place of what was here; who shares rooms with the user is told if it says something new. */
  async replace(list: RemoteDeviceListRow, whole: WholeList, watch: { isWanted: boolean }): Promise<void> {
    const userId = list.user_id;
    const before = await this.d.storage.read((tx) => tx.remoteDeviceLists.devices([userId]));
    const set = new WriteSet();
    set.add('remote_devices.deleteOfUser', { user_id: userId });
    for (const device of whole.devices) set.add('remote_devices.put', device);
    set.add('remote_device_lists.put', {
      user_id: userId,
      stream_id: whole.streamId,
      // What was told meanwhile may be newer than the answer.
      due_at: watch.isWanted ? this.d.clock.now() : null,
      attempts: 0,
      master_key: whole.masterKey,
      self_signing_key: whole.selfSigningKey,
    });
    const isFirst = list.stream_id === 0;
    const saysNothing = isFirst ? this.untold.has(userId) && isEmpty(whole) : isSame(list, before, whole);
    if (!saysNothing) this.d.deviceLists.recordChange(set, userId);
    await this.d.storage.commit(set);
    this.untold.delete(userId);
  }

  /** Takes in the content of `m.device_list_update`, which the user's own server must have sent. */
  async update(origin: string, content: JsonObject): Promise<void> {
    const userId = content['user_id'];
    if (!isUserId(userId) || serverOf(userId) !== origin || !(await this.isShared(userId))) return;
    const update = deviceUpdate(userId, content);
    await decideAgainOnConflict(async () => {
      const list = await this.list(userId);
      if (list?.due_at === null && update?.streamId === list.stream_id) return;
      const set = new WriteSet();
      if (update && followsOn(update, list)) addUpdate(set, update, list!);
      else this.addWant(set, userId);
      // Where nobody has been told of any keys there is nothing to ask for again before the list is here.
      if (list) this.d.deviceLists.recordChange(set, userId);
      else this.untold.set(userId, true);
      await this.d.storage.commit(set);
    });
  }

  /**
   * Takes in the content of `m.signing_key_update`. Where it says what is known already, signatures are what has changed:
   * Dendrite tells of a signed device in no other way.
   */
  async updateSigningKeys(origin: string, content: JsonObject): Promise<void> {
    const userId = content['user_id'];
    if (!isUserId(userId) || serverOf(userId) !== origin || !(await this.isShared(userId))) return;
    const masterKey = signingKey(userId, content['master_key']);
    const selfSigningKey = signingKey(userId, content['self_signing_key']);
    const list = await this.list(userId);
    const set = new WriteSet();
    const master_key = masterKey ?? list?.master_key ?? null;
    const self_signing_key = selfSigningKey ?? list?.self_signing_key ?? null;
    if (list?.due_at === null && !hasKeys(list, master_key, self_signing_key)) {
      set.add('remote_device_lists.setKeys', { user_id: userId, master_key, self_signing_key });
    } else this.addWant(set, userId);
    this.d.deviceLists.recordChange(set, userId);
    await this.d.storage.commit(set);
  }

  /** Forgets whom nobody here shares a room with: their servers tell nothing of them any more. */
  async forgetUnshared(): Promise<void> {
    const set = new WriteSet().add('remote_device_lists.forgetUnshared', { own: this.d.serverName });
    await this.d.storage.commit(set.add('remote_devices.forgetOrphans', {}));
  }

  /** Whether the list of a user is wanted again, as from now on. */
  watch(userId: string): { isWanted: boolean } {
    const watch = { isWanted: false };
    this.watched.set(userId, watch);
    return watch;
  }

  unwatch(userId: string): void {
    this.watched.delete(userId);
  }

  private async left(userId: string, roomId: string): Promise<void> {
    const { storage, serverName, rooms, isLocal } = this.d;
    if (isLocal(userId)) {
      // The room is as it is after the change when this one has had its turn.
      await Promise.resolve();
      if (!rooms.peek(roomId)?.joinedServers.has(serverName)) await this.forgetUnshared();
      return;
    }
    const set = new WriteSet().add('remote_device_lists.forgetIfUnshared', { user_id: userId, own: serverName });
    await storage.commit(set.add('remote_devices.deleteIfUnlisted', { user_id: userId }));
  }

  private addWant(set: WriteSet, userId: string): void {
    set.add('remote_device_lists.want', { user_id: userId, due_at: this.d.clock.now() });
    set.onCommitted(() => {
      const watch = this.watched.get(userId);
      if (watch) watch.isWanted = true;
      this.onWanted();
    });
  }

  private async list(userId: string): Promise<RemoteDeviceListRow | undefined> {
    return (await this.d.storage.read((tx) => tx.remoteDeviceLists.lists([userId])))[0];
  }

  private isShared(userId: string): Promise<boolean> {
    if (this.d.isLocal(userId)) return Promise.resolve(false);
    return this.d.storage.read((tx) => tx.remoteDeviceLists.isShared(userId, this.d.serverName));
  }

  private fault(error: unknown): void {
    this.d.logger.warn({ err: error }, 'device lists that nobody needs are still there');
  }
}

function hasKeys(list: RemoteDeviceListRow, masterKey: string | null, selfSigningKey: string | null): boolean {
  return isSameJson(list.master_key, masterKey) && isSameJson(list.self_signing_key, selfSigningKey);
}

/** Whether nothing is missing between the list and the update. */
function followsOn(update: DeviceUpdate, list: RemoteDeviceListRow | undefined): boolean {
  if (!list || list.due_at !== null || update.prevIds.length === 0) return false;
  return update.streamId > list.stream_id && update.prevIds.every((id) => id === list.stream_id);
}

function addUpdate(set: WriteSet, update: DeviceUpdate, list: RemoteDeviceListRow): void {
  const { userId, deviceId, streamId, device } = update;
  set.add('remote_device_lists.advance', { user_id: userId, from: list.stream_id, to: streamId });
  if (update.isDeleted) set.add('remote_devices.delete', { user_id: userId, device_id: deviceId });
  else set.add('remote_devices.put', device);
}
