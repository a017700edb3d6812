import { forbidden, invalidSignature, missingParam } from '../../protocol/errors.ts';
import type { JsonObject } from '../../protocol/json.ts';
import type { CrossSigningKeyRow, CrossSigningUsage } from '../../storage/contract/cross-signing.ts';
import type { Storage } from '../../storage/contract/storage.ts';
import { WriteSet } from '../../storage/contract/write-set.ts';
import { type CrossSigningKey, isSameKey, parseCrossSigningKey } from './cross-signing-form.ts';
import { decideAgainOnConflict } from './decide-again.ts';
import type { DeviceLists } from './device-lists.ts';
import { isSignedBy } from './verify-signature.ts';

/** The keys of `POST /keys/device_signing/upload`. */
export type CrossSigningUpload = Readonly<Record<CrossSigningUsage, JsonObject | undefined>>;

const USAGES = ['master', 'self_signing', 'user_signing'] as const satisfies readonly CrossSigningUsage[];

/** The keys with which users vouch for their devices and for each other. */
export class CrossSigning {
  private readonly storage: Storage;
  private readonly deviceLists: DeviceLists;

  constructor(storage: Storage, deviceLists: DeviceLists) {
    this.storage = storage;
    this.deviceLists = deviceLists;
  }

  /**
   * Publishes cross-signing keys of a user.
   * Source: https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3keysdevice_signingupload
   *
   * @param isConfirmed whether the user has proved who they are. That is not needed for the first keys of a user, nor
   *   for an upload that changes nothing.
   * @returns false if nothing was done because that proof is needed.
   * @throws M_INVALID_PARAM, M_INVALID_SIGNATURE, M_MISSING_PARAM, 403 M_FORBIDDEN
   */
  async upload(userId: string, upload: CrossSigningUpload, isConfirmed: boolean): Promise<boolean> {
    const keys: CrossSigningKey[] = [];
    for (const usage of USAGES) {
      const object = upload[usage];
      if (object) keys.push(parseCrossSigningKey(object, usage, userId));
    }
    return decideAgainOnConflict(async () => {
      const { existing, devices } = await this.storage.read(async (tx) => ({
        existing: new Map((await tx.crossSigning.keysOf([userId])).map((row) => [row.usage, row])),
        devices: await tx.devices.of(userId),
      }));
      checkSignatures(userId, keys, existing);
      checkNames(keys, new Set(devices.map((device) => device.device_id)));
      const changed = keys.filter((key) => !isSameKey(existing.get(key.usage), key));
      if (changed.length === 0) return true;
      if (existing.has('master') && !isConfirmed) return false;
      await this.storage.commit(this.writes(userId, changed, existing));
      return true;
    });
  }

  private writes(
    userId: string,
    changed: readonly CrossSigningKey[],
    existing: ReadonlyMap<CrossSigningUsage, CrossSigningKeyRow>,
  ): WriteSet {
    const set = new WriteSet();
    for (const { usage, publicKey, object } of changed) {
      const row = { user_id: userId, usage, public_key: publicKey, json: JSON.stringify(object) };
      const old = existing.get(usage);
      if (!old) {
        set.add('cross_signing_keys.insert', row);
        continue;
      }
      set.add('cross_signing_keys.replace', { ...row, replaced: old.public_key });
      set.add('key_signatures.deleteOn', { user_id: userId, target: old.public_key });
      set.add('key_signatures.deleteBy', { signer_id: userId, signer_key: `ed25519:${old.public_key}` });
    }
    this.deviceLists.recordChange(set, userId, { signingKeys: true });
    return set;
  }
}

/** Self-signing and user-signing keys must bear the signature of the master key, the new one if there is one. */
function checkSignatures(
  userId: string,
  keys: readonly CrossSigningKey[],
  existing: ReadonlyMap<CrossSigningUsage, CrossSigningKeyRow>,
): void {
  const master = keys.find((key) => key.usage === 'master')?.publicKey ?? existing.get('master')?.public_key;
  if (master === undefined) throw missingParam('There is no master signing key');
  for (const { usage, object } of keys) {
    if (usage !== 'master' && !isSignedBy(object, userId, `ed25519:${master}`, master)) {
      throw invalidSignature(`${usage}_key is not signed by the master key`);
    }
  }
}

/** Signatures name devices and keys alike, so that no key may be called like a device. */
function checkNames(keys: readonly CrossSigningKey[], devices: ReadonlySet<string>): void {
  for (const { publicKey } of keys) {
    if (devices.has(publicKey)) throw forbidden('The id of a key is in use as that of a device');
  }
}
