import type { FederationClient } from '../../federation/signed-client/federation-client.ts';
import { isRemoteFailure } from '../../federation/signed-client/unanswered.ts';
import { serverOf } from '../../protocol/identifiers/parts.ts';
import type { ServerName } from '../../protocol/identifiers/server-name.ts';
import { isJsonObject, type JsonObject } from '../../protocol/json.ts';
import type { CrossSigningKeyRow } from '../../storage/contract/cross-signing.ts';
import type { Storage } from '../../storage/contract/storage.ts';
import { LimitedConcurrency } from '../../util/limited-concurrency.ts';
import type { ClaimRequest } from './key-claims.ts';
import { emptyKeyAnswer, type KeyAnswer, type KeyQuery } from './key-queries.ts';
import type { RemoteClaimAnswer, RemoteKeyAnswer, RemoteKeys } from './remote-keys.ts';
import { SignaturesOnKeys } from './signatures-on-keys.ts';
import { publicKeyOf, toldKeys, toldOneTimeKeys } from './told-keys.ts';

/** Keys of users of other servers that are kept up to date here. */
export interface KeptKeys {
  /** What of the query is answered from here, and what is left of it. */
  answer(query: KeyQuery): Promise<{ readonly known: KeyAnswer; readonly unknown: KeyQuery }>;
  /** These had to be asked for: if anybody here shares rooms with them, they are kept from now on. */
  want(userIds: readonly string[]): Promise<void>;
}

export interface FederatedKeysDependencies {
  readonly client: FederationClient;
  readonly storage: Storage;
  readonly kept: KeptKeys;
  readonly settings: {
    /** Longest time for a server to answer, in milliseconds. */
    readonly queryTimeout: number;
    /** Servers that are asked for keys at the same time, for all users together, and how many may wait. */
    readonly deviceKeyRequests: number;
    readonly deviceKeyRequestsWaiting: number;
    /** Bytes of an answer. */
    readonly deviceKeySize: number;
  };
}

type ByServer<T> = ReadonlyMap<ServerName, Readonly<Record<string, T>>>;

/** Keys of users of other servers, from there. */
export class FederatedKeys implements RemoteKeys {
  private readonly d: FederatedKeysDependencies;
  private readonly places: LimitedConcurrency;

  constructor(dependencies: FederatedKeysDependencies) {
    this.d = dependencies;
    const { deviceKeyRequests: running, deviceKeyRequestsWaiting: waiting } = dependencies.settings;
    this.places = new LimitedConcurrency({ running, waiting });
  }

  /** Source: https://spec.matrix.org/v1.19/server-server-api/#post_matrixfederationv1userkeysquery */
  async query(query: KeyQuery, viewer: string, timeoutMs: number): Promise<RemoteKeyAnswer> {
    const { known, unknown } = await this.d.kept.answer(query);
    const answer = { ...known, failures: Object.create(null) as JsonObject };
    await this.askAll(unknown, answer.failures, async (destination, part) => {
      const content = { device_keys: Object.fromEntries(Object.entries(part).map(([id, ids]) => [id, [...ids]])) };
      const told = await this.ask(destination, '/_matrix/federation/v1/user/keys/query', content, timeoutMs);
      addAll(answer, toldKeys(told, part));
    });
    const answered = Object.keys(unknown).filter((user) => answer.failures[serverOf(user) ?? ''] === undefined);
    await this.d.kept.want(answered);
    await this.addSignatures(answer, Object.keys(query), viewer);
    return answer;
  }

  /** Source: https://spec.matrix.org/v1.19/server-server-api/#post_matrixfederationv1userkeysclaim */
  async claim(request: ClaimRequest, timeoutMs: number): Promise<RemoteClaimAnswer> {
    const answer = { one_time_keys: Object.create(null) as JsonObject, failures: Object.create(null) as JsonObject };
    await this.askAll(request, answer.failures, async (destination, part) => {
      const content = { one_time_keys: part as unknown as JsonObject };
      const told = await this.ask(destination, '/_matrix/federation/v1/user/keys/claim', content, timeoutMs);
      for (const [user, keys] of Object.entries(toldOneTimeKeys(told, part))) answer.one_time_keys[user] = keys;
    });
    return answer;
  }

  async masterKeys(userIds: readonly string[]): Promise<CrossSigningKeyRow[]> {
    if (userIds.length === 0) return [];
    const query = Object.fromEntries(userIds.map((user) => [user, []]));
    const { master_keys } = await this.query(query, '', this.d.settings.queryTimeout);
    return userIds.flatMap((user_id) => {
      const key = master_keys[user_id];
      const publicKey = isJsonObject(key) ? publicKeyOf(key) : undefined;
      if (publicKey === undefined) return [];
      return [{ user_id, usage: 'master', public_key: publicKey, json: JSON.stringify(key) }];
    });
  }

  /** Asks each server for its users, and notes those that do not answer. */
  private async askAll<T>(
    byUser: Readonly<Record<string, T>>,
    failures: JsonObject,
    ask: (destination: ServerName, part: Readonly<Record<string, T>>) => Promise<void>,
  ): Promise<void> {
    await Promise.all(
      [...byServer(byUser)].map(async ([destination, part]) => {
        try {
          await this.places.run(
            () => ask(destination, part),
            () => new TooManyWaiting(),
          );
        } catch (error) {
          if (!(error instanceof TooManyWaiting || isRemoteFailure(error))) throw error;
          failures[destination] = { status: 503, message: 'This server could not be asked' };
        }
      }),
    );
  }

  private ask(destination: ServerName, uri: string, content: JsonObject, timeoutMs: number): Promise<JsonObject> {
    const { queryTimeout, deviceKeySize: maxBytes } = this.d.settings;
    const timeout = Math.max(1, Math.min(timeoutMs, queryTimeout));
    return this.d.client.ask({ destination, method: 'POST', uri, content, timeoutMs: timeout, maxBytes });
  }

  /** The signatures that the viewer has put on keys of these users are here and not there. */
  private async addSignatures(answer: KeyAnswer, userIds: readonly string[], viewer: string): Promise<void> {
    if (viewer === '') return;
    const rows = await this.d.storage.read((tx) => tx.crossSigning.signatures(userIds, viewer));
    if (rows.length === 0) return;
    const signatures = new SignaturesOnKeys(rows);
    for (const [userId, key] of Object.entries(answer.master_keys)) {
      const publicKey = isJsonObject(key) ? publicKeyOf(key) : undefined;
      if (isJsonObject(key) && publicKey !== undefined) signatures.addTo(key, userId, publicKey);
    }
  }
}

class TooManyWaiting extends Error {}

/** Users whose ids name no server are nobody's. */
function byServer<T>(byUser: Readonly<Record<string, T>>): ByServer<T> {
  const servers = new Map<ServerName, Record<string, T>>();
  for (const [user, value] of Object.entries(byUser)) {
    const server = serverOf(user);
    if (server === undefined) continue;
    const part = servers.get(server) ?? (Object.create(null) as Record<string, T>);
    part[user] = value;
    servers.set(server, part);
  }
  return servers;
}

function addAll(answer: KeyAnswer, told: KeyAnswer): void {
  for (const section of Object.keys(emptyKeyAnswer()) as (keyof KeyAnswer)[]) {
    for (const [user, keys] of Object.entries(told[section])) answer[section][user] = keys;
  }
}
