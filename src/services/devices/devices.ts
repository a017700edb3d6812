import { forbidden, invalidParam, notFound } from '../../protocol/errors.ts';
import { type DeviceId, isDeviceId } from '../../protocol/identifiers/device-id.ts';
import type { DeviceRow } from '../../storage/contract/devices.ts';
import type { Storage } from '../../storage/contract/storage.ts';
import { ConflictError, WriteSet } from '../../storage/contract/write-set.ts';
import type { Clock } from '../../util/clock.ts';
import type { Random } from '../../util/random.ts';
import type { NoticeBoard } from '../events.ts';
import type { LastSeen } from './last-seen.ts';

export interface Device {
  readonly deviceId: DeviceId;
  readonly displayName?: string;
  /** Milliseconds since the epoch. */
  readonly lastSeenTs?: number;
  readonly lastSeenIp?: string;
  readonly lastSeenUserAgent?: string;
}

/** Who tells those that share rooms with a user that the user's devices have changed. */
export interface DeviceLists {
  /** Adds the change to `set`, and the `deviceList` notice to its effects. */
  recordChange(set: WriteSet, userId: string, change: { readonly devices: readonly string[] }): void;
}

export interface NewDevice {
  /** Made up if left out. A device that exists is taken over. */
  readonly deviceId?: string | undefined;
  /** Only for a device that does not exist yet. */
  readonly displayName?: string | undefined;
}

export interface DevicesDependencies {
  readonly storage: Storage;
  readonly clock: Clock;
  readonly random: Random;
  readonly notices: NoticeBoard;
  readonly lastSeen: LastSeen;
  readonly deviceLists: DeviceLists;
  /** Beyond, a new device pushes out the one unused for longest. */
  readonly maxPerUser: number;
}

const MAX_DISPLAY_NAME = 255;

/** The devices of local users. Source: https://spec.matrix.org/v1.19/client-server-api/#device-management */
export class Devices {
  readonly #with: DevicesDependencies;

  constructor(dependencies: DevicesDependencies) {
    this.#with = dependencies;
  }

  /** The oldest first. */
  async of(userId: string): Promise<Device[]> {
    const rows = await this.#with.storage.read((tx) => tx.devices.of(userId));
    return rows.map((row) => this.#ofRow(row));
  }

  async get(userId: string, deviceId: string): Promise<Device | undefined> {
    const row = await this.#with.storage.read((tx) => tx.devices.byId(userId, deviceId));
    return row && this.#ofRow(row);
  }

  /**
   * Gives a device a name; without one it keeps what it has.
   *
   * @throws 404 `M_NOT_FOUND`, 400 `M_INVALID_PARAM` if the name is too long.
   */
  async rename(userId: string, deviceId: string, displayName: string | undefined): Promise<void> {
    const before = await this.get(userId, deviceId);
    if (before === undefined) throw notFound('You have no such device');
    if (displayName === undefined || displayName === before.displayName) return;
    if (displayName.length > MAX_DISPLAY_NAME) {
      throw invalidParam(`The name of a device has at most ${MAX_DISPLAY_NAME} characters`);
    }
    const set = new WriteSet();
    set.add('devices.rename', { user_id: userId, device_id: deviceId, display_name: displayName });
    this.#with.deviceLists.recordChange(set, userId, { devices: [deviceId] });
    try {
      await this.#with.storage.commit(set);
    } catch (error) {
      if (error instanceof ConflictError) throw notFound('You have no such device');
      throw error;
    }
  }

  /** Makes a device without a session, for an application service. False if it exists. */
  async create(userId: string, deviceId: string, displayName: string | undefined): Promise<boolean> {
    const set = new WriteSet();
    await this.addLogin(set, userId, { deviceId, displayName });
    if (set.mutations.length === 0) return false;
    await this.#with.storage.commit(set);
    return true;
  }

  /** Deletes those of the devices that exist, and their tokens with them. */
  async delete(userId: string, deviceIds: readonly string[]): Promise<void> {
    const wanted = new Set(deviceIds);
    await this.#deleteIf(userId, (deviceId) => wanted.has(deviceId));
  }

  /** Deletes all devices but one that may be kept. */
  async deleteAll(userId: string, kept?: string): Promise<void> {
    await this.#deleteIf(userId, (deviceId) => deviceId !== kept);
  }

  /** Adds the deletion of devices and their tokens to `set`. */
  addDeletion(set: WriteSet, userId: string, deviceIds: readonly string[]): void {
    if (deviceIds.length === 0) return;
    for (const deviceId of deviceIds) {
      set.add('devices.delete', { user_id: userId, device_id: deviceId });
      set.add('token_pairs.deleteOfDevice', { user_id: userId, device_id: deviceId });
      set.onCommitted(() => this.#with.notices.publish('deviceDeleted', { userId, deviceId }));
    }
    this.#with.deviceLists.recordChange(set, userId, { devices: deviceIds });
  }

  /**
   * Adds to `set` what makes the device ready for a login: makes it if it does not exist.
   *
   * @throws 400 `M_INVALID_PARAM` if the id cannot be one of a device; 403 `M_FORBIDDEN` if it is a cross-signing key.
   */
  async addLogin(set: WriteSet, userId: string, wanted: NewDevice): Promise<DeviceId> {
    const { clock, random, deviceLists, maxPerUser } = this.#with;
    const deviceId = wanted.deviceId ?? random.token(10).toUpperCase();
    if (!isDeviceId(deviceId)) throw invalidParam('A device id has 1 to 255 bytes');
    const known = await this.of(userId);
    if (known.some((device) => device.deviceId === deviceId)) return deviceId;
    if (wanted.deviceId !== undefined) await this.#checkIsNoKey(userId, deviceId);
    const surplus = known.length + 1 - maxPerUser;
    if (surplus > 0) {
      const unusedFirst = known.toSorted((a, b) => (a.lastSeenTs ?? 0) - (b.lastSeenTs ?? 0));
      this.addDeletion(
        set,
        userId,
        unusedFirst.slice(0, surplus).map((device) => device.deviceId),
      );
    }
    set.add('devices.insert', {
      user_id: userId,
      device_id: deviceId,
      display_name: wanted.displayName?.slice(0, MAX_DISPLAY_NAME) ?? null,
      created_at: clock.now(),
      last_seen_ts: clock.now(),
      last_seen_ip: null,
      last_seen_user_agent: null,
    });
    deviceLists.recordChange(set, userId, { devices: [deviceId] });
    return deviceId;
  }

  /** Keys of devices and of cross-signing share their names: one must not stand for the other. */
  async #checkIsNoKey(userId: string, deviceId: string): Promise<void> {
    const keys = await this.#with.storage.read((tx) => tx.crossSigning.keysOf([userId]));
    if (keys.some((key) => key.public_key === deviceId)) throw forbidden('A cross-signing key has this id');
  }

  async #deleteIf(userId: string, isDeleted: (deviceId: string) => boolean): Promise<void> {
    const ids = (await this.of(userId)).map((device) => device.deviceId).filter(isDeleted);
    const set = new WriteSet();
    this.addDeletion(set, userId, ids);
    if (ids.length > 0) await this.#with.storage.commit(set);
  }

  #ofRow(row: DeviceRow): Device {
    const pending = this.#with.lastSeen.pending(row.user_id, row.device_id);
    const ts = pending?.at ?? row.last_seen_ts;
    const ip = pending?.address ?? row.last_seen_ip;
    const userAgent = pending ? pending.userAgent : row.last_seen_user_agent;
    return {
      deviceId: row.device_id as DeviceId,
      ...(row.display_name === null ? {} : { displayName: row.display_name }),
      ...(ts === null ? {} : { lastSeenTs: ts }),
      ...(ip === null ? {} : { lastSeenIp: ip }),
      ...(userAgent ? { lastSeenUserAgent: userAgent } : {}),
    };
  }
}
