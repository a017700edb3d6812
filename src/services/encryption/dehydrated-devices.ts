import { forbidden, invalidParam, notFound, tooLarge } from '../../protocol/errors.ts';
import type { JsonObject } from '../../protocol/json.ts';
import type { DehydratedDeviceRow } from '../../storage/contract/dehydrated-devices.ts';
import type { Storage } from '../../storage/contract/storage.ts';
import { WriteSet } from '../../storage/contract/write-set.ts';
import type { Devices } from '../devices/devices.ts';
import type { ToDevice } from '../to-device/to-device.ts';
import type { DeviceKeys, KeyUpload } from './device-keys.ts';

export interface DehydratedDevicesParts {
  readonly storage: Storage;
  readonly devices: Devices;
  readonly deviceKeys: DeviceKeys;
  readonly toDevice: ToDevice;
  readonly limits: {
    /** Bytes of what the client keeps of the device here. */
    readonly accountDataSize: number;
    /** Messages in one answer. */
    readonly syncToDeviceMax: number;
  };
}

export interface NewDehydratedDevice {
  readonly deviceId: string;
  readonly data: JsonObject;
  readonly displayName: string | undefined;
  readonly keys: KeyUpload;
}

/**
 * Devices that users leave with the server, encrypted, so that they are sent keys while they are logged in nowhere.
 * Source: https://github.com/matrix-org/matrix-spec-proposals/pull/3814
 */
export class DehydratedDevices {
  private readonly parts: DehydratedDevicesParts;

  constructor(parts: DehydratedDevicesParts) {
    this.parts = parts;
  }

  /** @throws 404 `M_NOT_FOUND` */
  async get(userId: string): Promise<DehydratedDeviceRow> {
    const row = await this.parts.storage.read((tx) => tx.dehydratedDevices.ofUser(userId));
    if (!row) throw notFound('There is no dehydrated device');
    return row;
  }

  /**
   * Keeps a device in the place of the one before.
   * @throws 400 `M_INVALID_PARAM` for the id of a device that is in use, and what uploading keys throws; 413 `M_TOO_LARGE`
   */
  async put(userId: string, { deviceId, data, displayName, keys }: NewDehydratedDevice): Promise<void> {
    const { storage, devices, deviceKeys, limits } = this.parts;
    const device_data = JSON.stringify(data);
    if (Buffer.byteLength(device_data) > limits.accountDataSize) throw tooLarge('The dehydrated device is too large');
    const before = await storage.read((tx) => tx.dehydratedDevices.ofUser(userId));
    if (before?.device_id !== deviceId && (await devices.get(userId, deviceId))) {
      throw invalidParam('A device of this id is in use');
    }
    if (before) await devices.delete(userId, [before.device_id]);
    const set = new WriteSet();
    await devices.addLogin(set, userId, { deviceId, displayName });
    set.add('dehydrated_devices.put', { user_id: userId, device_id: deviceId, device_data });
    await storage.commit(set);
    try {
      await deviceKeys.upload({ userId, deviceId }, keys);
    } catch (error) {
      await this.delete(userId);
      throw error;
    }
  }

  /** Answers the id of the device that was deleted. @throws 404 `M_NOT_FOUND` */
  async delete(userId: string): Promise<string> {
    const { device_id: deviceId } = await this.get(userId);
    await this.parts.devices.delete(userId, [deviceId]);
    await this.parts.storage.commit(new WriteSet().add('dehydrated_devices.delete', { user_id: userId }));
    return deviceId;
  }

  /**
   * Messages that wait for the device, as JSON: they stay until it is deleted, for whoever rehydrates it may not finish.
   * @throws 404 `M_NOT_FOUND`; 403 `M_FORBIDDEN` for other devices; 400 `M_INVALID_PARAM` for foreign tokens
   */
  async events(userId: string, deviceId: string, nextBatch: string | undefined): Promise<string> {
    const { storage, toDevice, limits } = this.parts;
    if ((await this.get(userId)).device_id !== deviceId) throw forbidden('This is not your dehydrated device');
    const after = nextBatch === undefined ? 0 : positionOf(nextBatch);
    const messages = await toDevice.pending(userId, deviceId, after, storage.head, limits.syncToDeviceMax);
    const last = messages.at(-1)?.position ?? after;
    return `{"events":[${messages.map(({ json }) => json).join(',')}],"next_batch":"d${last}"}`;
  }
}

function positionOf(token: string): number {
  const match = /^d(\d{1,15})$/.exec(token);
  if (!match) throw invalidParam('next_batch is not a token of this server');
  return Number(match[1]);
}
