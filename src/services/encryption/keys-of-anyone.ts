import type { JsonObject } from '../../protocol/json.ts';
import type { ClaimRequest, KeyClaims } from './key-claims.ts';
import type { KeyAnswer, KeyQueries, KeyQuery } from './key-queries.ts';
import type { RemoteClaimAnswer, RemoteKeyAnswer, RemoteKeys } from './remote-keys.ts';

/** Keys of users wherever they live: of this server from storage, of others by asking. */
export class KeysOfAnyone {
  private readonly queries: KeyQueries;
  private readonly claims: KeyClaims;
  private readonly remote: RemoteKeys;
  private readonly isLocal: (userId: string) => boolean;

  constructor(d: {
    queries: KeyQueries;
    claims: KeyClaims;
    remote: RemoteKeys;
    isLocal: (userId: string) => boolean;
  }) {
    this.queries = d.queries;
    this.claims = d.claims;
    this.remote = d.remote;
    this.isLocal = d.isLocal;
  }

  /** @param viewer who asks. */
  async query(query: KeyQuery, viewer: string, timeoutMs: number): Promise<RemoteKeyAnswer> {
    const { local, remote } = this.split(query);
    const [here, there] = await Promise.all([
      this.queries.query(local, viewer, { names: true }),
      remote === undefined ? undefined : this.remote.query(remote, viewer, timeoutMs),
    ]);
    if (!there) return { ...here, failures: {} };
    const both = (section: keyof KeyAnswer) => merged(here[section], there[section]);
    return {
      device_keys: both('device_keys'),
      master_keys: both('master_keys'),
      self_signing_keys: both('self_signing_keys'),
      user_signing_keys: both('user_signing_keys'),
      failures: there.failures,
    };
  }

  async claim(request: ClaimRequest, timeoutMs: number): Promise<RemoteClaimAnswer> {
    const { local, remote } = this.split(request);
    const [here, there] = await Promise.all([
      this.claims.claim(local),
      remote === undefined ? undefined : this.remote.claim(remote, timeoutMs),
    ]);
    if (!there) return { one_time_keys: here, failures: {} };
    return { one_time_keys: merged(here, there.one_time_keys), failures: there.failures };
  }

  private split<T>(byUser: Readonly<Record<string, T>>): {
    local: Readonly<Record<string, T>>;
    remote: Readonly<Record<string, T>> | undefined;
  } {
    const entries = Object.entries(byUser);
    const remote = entries.filter(([user]) => !this.isLocal(user));
    if (remote.length === 0) return { local: byUser, remote: undefined };
    return {
      local: Object.fromEntries(entries.filter(([user]) => this.isLocal(user))),
      remote: Object.fromEntries(remote),
    };
  }
}

function merged(a: JsonObject, b: JsonObject): JsonObject {
  const all: JsonObject = Object.create(null);
  for (const [user, keys] of [...Object.entries(a), ...Object.entries(b)]) all[user] = keys;
  return all;
}
