import { notFound } from '../../protocol/errors.ts';
import { isJsonObject, type JsonObject } from '../../protocol/json.ts';
import type { Storage } from '../../storage/contract/storage.ts';
import type { ClaimRequest, KeyClaims } from './key-claims.ts';
import type { KeyQueries, KeyQuery } from './key-queries.ts';

export interface KeysForServersParts {
  readonly queries: KeyQueries;
  readonly claims: KeyClaims;
  readonly storage: Storage;
  readonly isLocal: (userId: string) => boolean;
}

/** Tells other servers the keys of users of this one; of other users they learn nothing here. */
export class KeysForServers {
  private readonly parts: KeysForServersParts;
  private readonly names: boolean;

  /** @param settings.deviceNames whether they see which names users gave to their devices. */
  constructor(parts: KeysForServersParts, settings: { deviceNames: boolean }) {
    this.parts = parts;
    this.names = settings.deviceNames;
  }

  /** Source: https://spec.matrix.org/v1.19/server-server-api/#post_matrixfederationv1userkeysquery */
  async query(query: KeyQuery): Promise<JsonObject> {
    const { device_keys, master_keys, self_signing_keys } = await this.parts.queries.query(this.ofLocal(query), '', {
      names: this.names,
    });
    return { device_keys, master_keys, self_signing_keys };
  }

  /** Source: https://spec.matrix.org/v1.19/server-server-api/#post_matrixfederationv1userkeysclaim */
  async claim(request: ClaimRequest): Promise<JsonObject> {
    return { one_time_keys: await this.parts.claims.claim(this.ofLocal(request)) };
  }

  /**
   * All devices of a user that have keys, and the number of the last change of them.
   * Source: https://spec.matrix.org/v1.19/server-server-api/#get_matrixfederationv1userdevicesuserid
   * @throws M_NOT_FOUND
   */
  async devicesOf(userId: string): Promise<JsonObject> {
    if (!this.parts.isLocal(userId)) throw notFound('The user is none of this server');
    // Read before the keys: whoever is told of a change that they hold already asks once more, and misses none.
    const stream = await this.parts.storage.read(async (tx) => ({
      id: await tx.deviceLists.streamId(userId),
      account: await tx.accounts.user(userId),
    }));
    if (stream.account === undefined) throw notFound('There is no such user');
    const keys = await this.parts.queries.query({ [userId]: [] }, '', { names: this.names });
    const ofUser = keys.device_keys[userId];
    const devices = Object.entries(isJsonObject(ofUser) ? ofUser : {}).map(([deviceId, told]) =>
      deviceEntry(deviceId, isJsonObject(told) ? told : {}),
    );
    return {
      user_id: userId,
      stream_id: stream.id,
      devices,
      ...(keys.master_keys[userId] === undefined ? {} : { master_key: keys.master_keys[userId] }),
      ...(keys.self_signing_keys[userId] === undefined ? {} : { self_signing_key: keys.self_signing_keys[userId] }),
    };
  }

  private ofLocal<T>(byUser: Readonly<Record<string, T>>): Readonly<Record<string, T>> {
    return Object.fromEntries(Object.entries(byUser).filter(([user]) => this.parts.isLocal(user)));
  }
}

function deviceEntry(deviceId: string, keys: JsonObject): JsonObject {
  const unsigned = keys['unsigned'];
  const name = isJsonObject(unsigned) ? unsigned['device_display_name'] : undefined;
  return { device_id: deviceId, keys, ...(typeof name === 'string' ? { device_display_name: name } : {}) };
}
