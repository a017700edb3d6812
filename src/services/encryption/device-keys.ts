import { invalidParam } from '../../protocol/errors.ts';
import type { JsonObject } from '../../protocol/json.ts';
import { signedText } from '../../protocol/signing/sign-json.ts';
import type { DeviceKeysRow, FallbackKeyRow, OneTimeKeyRow } from '../../storage/contract/device-keys.ts';
import type { Storage } from '../../storage/contract/storage.ts';
import { WriteSet } from '../../storage/contract/write-set.ts';
import { canonical } from '../timeline/canonical.ts';
import { decideAgainOnConflict } from './decide-again.ts';
import { checkDeviceKeys, type KeyOwner } from './device-keys-form.ts';
import type { DeviceLists } from './device-lists.ts';
import type { DeviceKeyCounts, KeyCounts } from './key-counts.ts';
import { type KeyMap, type OneTimeKeyPlan, parseKeys, planFallbackKeys, planOneTimeKeys } from './one-time-keys.ts';

/** The body of `POST /keys/upload`. */
export interface KeyUpload {
  readonly deviceKeys: JsonObject | undefined;
  readonly oneTimeKeys: KeyMap | undefined;
  readonly fallbackKeys: KeyMap | undefined;
}

interface Existing {
  readonly deviceKeys: DeviceKeysRow | undefined;
  readonly oneTimeKeys: readonly OneTimeKeyRow[];
  readonly fallbackKeys: readonly FallbackKeyRow[];
}

/** What devices publish: identity keys, one-time keys, fallback keys. */
export class DeviceKeys {
  private readonly storage: Storage;
  private readonly deviceLists: DeviceLists;
  private readonly keyCounts: KeyCounts;
  private readonly limits: { readonly oneTimeKeysPerDevice: number };

  constructor(d: {
    storage: Storage;
    deviceLists: DeviceLists;
    keyCounts: KeyCounts;
    limits: { readonly oneTimeKeysPerDevice: number };
  }) {
    this.storage = d.storage;
    this.deviceLists = d.deviceLists;
    this.keyCounts = d.keyCounts;
    this.limits = d.limits;
  }

  /** The counts of a device's keys, for sync. */
  counts(userId: string, deviceId: string): Promise<DeviceKeyCounts> {
    return this.keyCounts.counts(userId, deviceId);
  }

  /**
   * Publishes keys of a device; repeating an upload changes nothing.
   * Source: https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3keysupload
   * @throws M_INVALID_PARAM, M_INVALID_SIGNATURE, M_BAD_JSON
   */
  async upload(owner: KeyOwner, upload: KeyUpload): Promise<DeviceKeyCounts> {
    if (upload.deviceKeys) checkDeviceKeys(upload.deviceKeys, owner);
    await decideAgainOnConflict(async () => {
      const set = this.plan(owner, upload, await this.gather(owner, upload));
      if (set.mutations.length > 0) await this.storage.commit(set);
    });
    return this.keyCounts.counts(owner.userId, owner.deviceId);
  }

  private gather({ userId, deviceId }: KeyOwner, upload: KeyUpload): Promise<Existing> {
    return this.storage.read(async (tx) => ({
      deviceKeys: upload.deviceKeys && (await tx.deviceKeys.byDevice(userId, deviceId)),
      oneTimeKeys: upload.oneTimeKeys ? await tx.deviceKeys.oneTimeKeys(userId, deviceId) : [],
      fallbackKeys: upload.fallbackKeys ? await tx.deviceKeys.fallbackKeys(userId, deviceId) : [],
    }));
  }

  private plan(owner: KeyOwner, upload: KeyUpload, existing: Existing): WriteSet {
    const set = new WriteSet();
    const device = { user_id: owner.userId, device_id: owner.deviceId };
    const oneTime = parseKeys(upload.oneTimeKeys ?? {});
    const plan = planOneTimeKeys(existing.oneTimeKeys, oneTime, this.limits.oneTimeKeysPerDevice);
    addOneTimeKeys(set, device, plan);
    const fallback = planFallbackKeys(existing.fallbackKeys, parseKeys(upload.fallbackKeys ?? {}));
    for (const { algorithm, keyId, json } of fallback) {
      set.add('fallback_keys.put', { ...device, algorithm, key_id: keyId, used: 0, json });
    }
    if (set.mutations.length > 0) this.keyCounts.changedBy(set, owner.userId, owner.deviceId);
    if (upload.deviceKeys) this.addDeviceKeys(set, device, upload.deviceKeys, existing.deviceKeys);
    return set;
  }

  private addDeviceKeys(
    set: WriteSet,
    device: { user_id: string; device_id: string },
    deviceKeys: JsonObject,
    existing: DeviceKeysRow | undefined,
  ): void {
    const json = JSON.stringify(deviceKeys);
    if (existing?.json === json) return;
    const text = canonical(() => signedText(deviceKeys));
    if (existing && signedText(JSON.parse(existing.json) as JsonObject) !== text) {
      set.add('key_signatures.deleteOn', { user_id: device.user_id, target: device.device_id });
    }
    set.add('device_keys.put', { ...device, json });
    this.deviceLists.recordChange(set, device.user_id, { devices: [device.device_id] });
  }
}

function addOneTimeKeys(set: WriteSet, device: { user_id: string; device_id: string }, plan: OneTimeKeyPlan): void {
  for (const { algorithm, key_id } of plan.forget) {
    set.add('one_time_keys.delete', { ...device, algorithm, key_id });
  }
  if (plan.insert.length === 0) return;
  const position = set.nextPosition();
  plan.insert.forEach(({ algorithm, keyId, json }, ordinal) => {
    set.add('one_time_keys.insert', { ...device, algorithm, key_id: keyId, position, ordinal, claimed: 0, json });
  });
}

/**
 * The device that acts.
 * @throws M_INVALID_PARAM for an application service that acts without one
 */
export function ownerOf(requester: { readonly userId: string; readonly deviceId?: string }): KeyOwner {
  if (requester.deviceId === undefined) throw invalidParam('Keys belong to a device: say which by device_id');
  return { userId: requester.userId, deviceId: requester.deviceId };
}
