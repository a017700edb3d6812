import { serverOf } from '../../protocol/identifiers/parts.ts';
import type { JsonObject } from '../../protocol/json.ts';
import type { WriteSet } from '../../storage/contract/write-set.ts';
import type { RemoteToDevice, ToDeviceMessages } from '../to-device/to-device.ts';
import type { ClaimRequest } from './key-claims.ts';
import { emptyKeyAnswer, type KeyAnswer, type KeyQuery } from './key-queries.ts';

/** What other servers answered; `failures` names those that did not, by server name. */
export type RemoteKeyAnswer = KeyAnswer & { readonly failures: JsonObject };

export interface RemoteClaimAnswer {
  readonly one_time_keys: JsonObject;
  readonly failures: JsonObject;
}

/** Keys of users of other servers. */
export interface RemoteKeys {
  /** @param viewer who asks: sees the signatures they made on the keys of others. */
  query(query: KeyQuery, viewer: string, timeoutMs: number): Promise<RemoteKeyAnswer>;
  claim(request: ClaimRequest, timeoutMs: number): Promise<RemoteClaimAnswer>;
}

/** A server that speaks with no other: their users have no keys here and receive no messages. */
export class NoFederation implements RemoteKeys, RemoteToDevice {
  async query(query: KeyQuery): Promise<RemoteKeyAnswer> {
    return { ...emptyKeyAnswer(), failures: failuresOf(Object.keys(query)) };
  }

  async claim(request: ClaimRequest): Promise<RemoteClaimAnswer> {
    return { one_time_keys: {}, failures: failuresOf(Object.keys(request)) };
  }

  addRemote(_set: WriteSet, _sender: string, _type: string, _messages: ToDeviceMessages): void {
    // Nobody is there to receive them.
  }
}

function failuresOf(users: readonly string[]): JsonObject {
  const failures: JsonObject = Object.create(null);
  for (const user of users) {
    const server = serverOf(user);
    if (server !== undefined) failures[server] = { status: 503, message: 'This server is not reached from here' };
  }
  return failures;
}
