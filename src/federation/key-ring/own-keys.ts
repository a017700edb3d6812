import type { ServerName } from '../../protocol/identifiers/server-name.ts';
import type { JsonObject } from '../../protocol/json.ts';
import { signJson } from '../../protocol/signing/sign-json.ts';
import type { SigningKey } from '../../protocol/signing/signing-key.ts';
import type { KnownKey } from '../../protocol/signing/verify-event.ts';
import { verifyKeyFromBase64 } from '../../protocol/signing/verify-key.ts';
import type { Clock } from '../../util/clock.ts';

/** A key that this server signs with no more. */
export interface OldSigningKey {
  readonly keyId: string;
  /** Base64. */
  readonly publicKey: string;
  /** When it was last used, in milliseconds since the epoch. */
  readonly expiredTs: number;
}

export interface OwnKeySettings {
  readonly serverName: ServerName;
  readonly signingKey: SigningKey;
  readonly oldSigningKeys: readonly OldSigningKey[];
  /** For how long others may believe what they are told, in milliseconds. */
  readonly keyValidity: number;
}

/** The keys of this server, and what it tells others of them. */
export class OwnKeys {
  readonly serverName: ServerName;
  readonly #settings: OwnKeySettings;
  readonly #clock: Clock;
  readonly #known = new Map<string, KnownKey>();
  #told: { readonly document: JsonObject; readonly freshUntil: number } | undefined;

  constructor(settings: OwnKeySettings, clock: Clock) {
    this.serverName = settings.serverName;
    this.#settings = settings;
    this.#clock = clock;
    for (const { keyId, publicKey, expiredTs } of settings.oldSigningKeys) this.#add(keyId, publicKey, expiredTs);
    this.#add(settings.signingKey.keyId, settings.signingKey.publicKey, Number.MAX_SAFE_INTEGER);
  }

  /** A key by its id, one that is used no more too. */
  get(keyId: string): KnownKey | undefined {
    return this.#known.get(keyId);
  }

  /**
   * What `GET /_matrix/key/v2/server` answers; believed for at least half of the validity that is configured.
   * Source: https://spec.matrix.org/v1.19/server-server-api/#publishing-keys
   */
  document(): JsonObject {
    const now = this.#clock.now();
    if (this.#told === undefined || this.#told.freshUntil <= now) {
      this.#told = { document: this.#makeDocument(now), freshUntil: now + this.#settings.keyValidity / 2 };
    }
    return this.#told.document;
  }

  /** Signs an object in the name of this server. */
  sign<T extends JsonObject>(object: T): T {
    return signJson(object, this.serverName, this.#settings.signingKey);
  }

  #makeDocument(now: number): JsonObject {
    const { serverName, signingKey, oldSigningKeys, keyValidity } = this.#settings;
    const old = oldSigningKeys.filter(({ keyId }) => keyId !== signingKey.keyId);
    return this.sign({
      server_name: serverName,
      verify_keys: { [signingKey.keyId]: { key: signingKey.publicKey } },
      old_verify_keys: Object.fromEntries(
        old.map(({ keyId, publicKey, expiredTs }) => [keyId, { key: publicKey, expired_ts: expiredTs }]),
      ),
      valid_until_ts: now + keyValidity,
    });
  }

  #add(keyId: string, publicKey: string, validUntilTs: number): void {
    const key = verifyKeyFromBase64(publicKey);
    if (key === undefined) throw new RangeError(`not a public key: ${keyId}`);
    this.#known.set(keyId, { key, validUntilTs });
  }
}
