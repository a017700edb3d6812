import { CanonicalJsonError } from '../../protocol/canonical-json/canonical-json-error.ts';
import { invalidParam, invalidSignature, type MatrixError, notFound } from '../../protocol/errors.ts';
import type { JsonObject } from '../../protocol/json.ts';
import { signaturesOf, signedText } from '../../protocol/signing/sign-json.ts';
import type { CrossSigningKeyRow, KeySignatureRow } from '../../storage/contract/cross-signing.ts';
import type { NamedDeviceKeysRow } from '../../storage/contract/device-keys.ts';
import type { Storage } from '../../storage/contract/storage.ts';
import { WriteSet } from '../../storage/contract/write-set.ts';
import { storedText } from './cross-signing-form.ts';
import { identityKey } from './device-keys-form.ts';
import type { DeviceChange, DeviceLists } from './device-lists.ts';
import type { RemoteKeys } from './remote-keys.ts';
import { isSignedBy } from './verify-signature.ts';

/** User id to key id to signed object: the body of `POST /keys/signatures/upload`. */
export type SignatureUpload = Readonly<Record<string, Readonly<Record<string, JsonObject>>>>;

/** What is known of the keys that an upload signs, and of those that sign. */
interface Known {
  readonly crossSigning: readonly CrossSigningKeyRow[];
  /** Of the signer. */
  readonly devices: readonly NamedDeviceKeysRow[];
}

/** A key that is signed, and the keys of the signer that may do so: key id to public key. */
interface Target {
  readonly json: string;
  readonly signers: ReadonlyMap<string, string>;
}

/** Signatures that users put on their own devices and on master keys. */
export class KeySignatures {
  private readonly storage: Storage;
  private readonly deviceLists: DeviceLists;
  private readonly remote: Pick<RemoteKeys, 'masterKeys'>;
  private readonly isLocal: (userId: string) => boolean;

  constructor(d: {
    storage: Storage;
    deviceLists: DeviceLists;
    remote: Pick<RemoteKeys, 'masterKeys'>;
    isLocal: (userId: string) => boolean;
  }) {
    this.storage = d.storage;
    this.deviceLists = d.deviceLists;
    this.remote = d.remote;
    this.isLocal = d.isLocal;
  }

  /**
   * Publishes signatures, each by itself: those that are refused are in the answer, by user id and key id.
   * Source: https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3keyssignaturesupload
   */
  async upload(signer: string, upload: SignatureUpload): Promise<JsonObject> {
    const users = [...new Set([signer, ...Object.keys(upload)])];
    const known = await this.known(signer, users);
    const failures: JsonObject = Object.create(null);
    const set = new WriteSet();
    for (const [userId, keys] of Object.entries(upload)) {
      const rows: KeySignatureRow[] = [];
      for (const [keyId, object] of Object.entries(keys)) {
        const checked = checkSignatures(signer, userId, keyId, object, known);
        if (Array.isArray(checked)) rows.push(...checked);
        else fail(failures, userId, keyId, checked);
      }
      for (const row of rows) set.add('key_signatures.put', row);
      // Whom one vouches for is one's own business.
      if (rows.length > 0) this.deviceLists.recordChange(set, userId, changeOf(signer, userId, rows, known));
    }
    if (set.mutations.length > 0) await this.storage.commit(set);
    return failures;
  }

  private async known(signer: string, users: readonly string[]): Promise<Known> {
    const [here, there] = await Promise.all([
      this.storage.read(async (tx) => ({
        crossSigning: await tx.crossSigning.keysOf(users.filter(this.isLocal)),
        devices: await tx.deviceKeys.ofUsers([signer]),
      })),
      this.remote.masterKeys(users.filter((user) => !this.isLocal(user))),
    ]);
    return { ...here, crossSigning: [...here.crossSigning, ...there] };
  }
}

function changeOf(signer: string, userId: string, rows: readonly KeySignatureRow[], known: Known): DeviceChange {
  if (userId !== signer) return { seenBy: signer };
  const own = new Set(known.devices.map((device) => device.device_id));
  const signed = [...new Set(rows.map((row) => row.target))];
  return {
    devices: signed.filter((target) => own.has(target)),
    signingKeys: signed.some((target) => !own.has(target)),
  };
}

/** The signatures that are new, or why the object is refused. */
function checkSignatures(
  signer: string,
  userId: string,
  keyId: string,
  object: JsonObject,
  known: Known,
): KeySignatureRow[] | MatrixError {
  const target = targetOf(signer, userId, keyId, known);
  if (!target) return notFound('There is no such device or master key');
  const text = textOf(object);
  if (text !== storedText(target)) return invalidParam('The key is not the one that is known here');
  const stored = signaturesOf(JSON.parse(target.json) as JsonObject, signer);
  const rows: KeySignatureRow[] = [];
  let repeated = 0;
  for (const [signerKey, signature] of signaturesOf(object, signer)) {
    if (stored.get(signerKey) === signature) {
      repeated += 1;
      continue;
    }
    const publicKey = target.signers.get(signerKey);
    if (publicKey === undefined) continue;
    if (!isSignedBy(object, signer, signerKey, publicKey)) return invalidSignature();
    rows.push({ user_id: userId, target: keyId, signer_id: signer, signer_key: signerKey, signature });
  }
  return rows.length + repeated > 0 ? rows : invalidSignature('There is no signature by a key that may sign this');
}

/** What signatures of an object cover, or undefined if it has no canonical form. */
function textOf(object: JsonObject): string | undefined {
  try {
    return signedText(object);
  } catch (error) {
    if (error instanceof CanonicalJsonError) return undefined;
    throw error;
  }
}

function targetOf(signer: string, userId: string, keyId: string, known: Known): Target | undefined {
  const own = (usage: string) => known.crossSigning.find((row) => row.user_id === signer && row.usage === usage);
  const device = userId === signer && known.devices.find((row) => row.device_id === keyId);
  if (device) return { json: device.json, signers: signersFrom(own('self_signing')) };
  const master = known.crossSigning.find(
    (row) => row.user_id === userId && row.usage === 'master' && row.public_key === keyId,
  );
  if (!master) return undefined;
  if (userId !== signer) return { json: master.json, signers: signersFrom(own('user_signing')) };
  return { json: master.json, signers: deviceSigners(known.devices) };
}

function signersFrom(row: CrossSigningKeyRow | undefined): Map<string, string> {
  return new Map(row ? [[`ed25519:${row.public_key}`, row.public_key]] : []);
}

function deviceSigners(devices: readonly NamedDeviceKeysRow[]): Map<string, string> {
  const signers = new Map<string, string>();
  for (const row of devices) {
    const keyId = `ed25519:${row.device_id}`;
    const publicKey = identityKey(JSON.parse(row.json) as JsonObject, keyId);
    if (publicKey !== undefined) signers.set(keyId, publicKey);
  }
  return signers;
}

function fail(failures: JsonObject, userId: string, keyId: string, error: MatrixError): void {
  failures[userId] ??= Object.create(null) as JsonObject;
  (failures[userId] as JsonObject)[keyId] = error.toJSON();
}
