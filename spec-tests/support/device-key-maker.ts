import { createHash } from 'node:crypto';
import type { JsonObject } from '../../src/protocol/json.ts';
import { addSignature, signedText } from '../../src/protocol/signing/sign-json.ts';
import { type SigningKey, signingKeyFromSeed } from '../../src/protocol/signing/signing-key.ts';

/** A key pair of a user or device; the same for the same name. */
export class KeyMaker {
  readonly key: SigningKey;

  constructor(name: string) {
    this.key = signingKeyFromSeed(createHash('sha256').update(name).digest(), 'test');
  }

  get publicKey(): string {
    return this.key.publicKey;
  }

  /** Signs in place as `keyId` of `userId`. */
  sign<T extends JsonObject>(object: T, userId: string, keyId = `ed25519:${this.publicKey}`): T {
    addSignature(object, userId, keyId, this.key.sign(signedText(object)));
    return object;
  }
}

export interface KeyOwner {
  readonly userId: string;
  readonly deviceId: string;
}

/** The key pair of a device. */
export function deviceKeyPair({ userId, deviceId }: KeyOwner): KeyMaker {
  return new KeyMaker(`${userId} ${deviceId}`);
}

/** A `DeviceKeys` object, without signature. */
export function unsignedDeviceKeys(owner: KeyOwner, publicKey = deviceKeyPair(owner).publicKey): JsonObject {
  const { userId, deviceId } = owner;
  return {
    user_id: userId,
    device_id: deviceId,
    algorithms: ['m.olm.v1.curve25519-aes-sha2', 'm.megolm.v1.aes-sha2'],
    keys: { [`curve25519:${deviceId}`]: 'cGxhY2Vob2xkZXI', [`ed25519:${deviceId}`]: publicKey },
  };
}

/** A `DeviceKeys` object that its device has signed. */
export function signedDeviceKeys(owner: KeyOwner): JsonObject {
  return deviceKeyPair(owner).sign(unsignedDeviceKeys(owner), owner.userId, `ed25519:${owner.deviceId}`);
}

/** One-time keys `signed_curve25519:<id>`; the key itself tells its id. */
export function oneTimeKeys(owner: KeyOwner, ids: readonly string[]): JsonObject {
  const keys: JsonObject = {};
  for (const id of ids) {
    keys[`signed_curve25519:${id}`] = deviceKeyPair(owner).sign(
      { key: `key ${id}` },
      owner.userId,
      `ed25519:${owner.deviceId}`,
    );
  }
  return keys;
}

/** The cross-signing keys of a user, of a generation: they differ between generations. */
export class CrossSigningMaker {
  readonly master: KeyMaker;
  readonly selfSigning: KeyMaker;
  readonly userSigning: KeyMaker;
  readonly userId: string;

  constructor(userId: string, generation = 1) {
    this.userId = userId;
    this.master = new KeyMaker(`${userId} master ${generation}`);
    this.selfSigning = new KeyMaker(`${userId} self ${generation}`);
    this.userSigning = new KeyMaker(`${userId} user ${generation}`);
  }

  get masterKey(): JsonObject {
    return this.object('master', this.master);
  }

  /** The body of an upload. */
  get upload(): { master_key: JsonObject; self_signing_key: JsonObject; user_signing_key: JsonObject } {
    return {
      master_key: this.masterKey,
      self_signing_key: this.master.sign(this.object('self_signing', this.selfSigning), this.userId),
      user_signing_key: this.master.sign(this.object('user_signing', this.userSigning), this.userId),
    };
  }

  private object(usage: string, { publicKey }: KeyMaker): JsonObject {
    return { user_id: this.userId, usage: [usage], keys: { [`ed25519:${publicKey}`]: publicKey } };
  }
}
