import type { FederationClient } from '../../federation/signed-client/federation-client.ts';
import { RemoteError } from '../../federation/signed-client/remote-error.ts';
import { unanswered } from '../../federation/signed-client/unanswered.ts';
import { withQuery } from '../../federation/signed-client/uri.ts';
import { forbidden, notFound } from '../../protocol/errors.ts';
import { serverOf } from '../../protocol/identifiers/parts.ts';
import type { JsonObject } from '../../protocol/json.ts';
import type { Clock } from '../../util/clock.ts';
import { Lru } from '../../util/lru.ts';
import type { Profile } from './profiles.ts';

export interface RemoteProfileSettings {
  /** For all of a request, in milliseconds. */
  readonly queryTimeout: number;
  /** For how long an answer is taken for true, in milliseconds. */
  readonly profileLifetime: number;
  /** Profiles in memory. */
  readonly profileCacheEntries: number;
  /** Bytes of a profile. */
  readonly profileSize: number;
}

interface Asked {
  readonly until: number;
  readonly answer: Promise<Profile>;
}

/** Asks other servers for the profiles of their users. What a server has answered, or not, holds for a while. */
export class RemoteProfiles {
  readonly #client: FederationClient;
  readonly #clock: Clock;
  readonly #settings: RemoteProfileSettings;
  readonly #asked: Lru<string, Asked>;

  constructor(client: FederationClient, clock: Clock, settings: RemoteProfileSettings) {
    this.#client = client;
    this.#clock = clock;
    this.#settings = settings;
    this.#asked = new Lru({ max: settings.profileCacheEntries });
  }

  /**
   * Source: https://spec.matrix.org/v1.19/server-server-api/#get_matrixfederationv1queryprofile
   * @throws M_NOT_FOUND; M_FORBIDDEN if the server does not tell; M_UNKNOWN 502 if it cannot be reached
   */
  get(userId: string): Promise<Profile> {
    const now = this.#clock.now();
    const known = this.#asked.get(userId);
    if (known !== undefined && known.until > now) return known.answer;
    const answer = this.#ask(userId);
    // Whoever waits for it sees the error.
    answer.catch(() => undefined);
    this.#asked.set(userId, { until: now + this.#settings.profileLifetime, answer });
    return answer;
  }

  async #ask(userId: string): Promise<Profile> {
    const destination = serverOf(userId);
    if (destination === undefined) throw notFound('There is no such user');
    try {
      const answer = await this.#client.ask({
        destination,
        method: 'GET',
        uri: withQuery('/_matrix/federation/v1/query/profile', { user_id: userId }),
        timeoutMs: this.#settings.queryTimeout,
        maxBytes: this.#settings.profileSize,
      });
      return profileIn(answer);
    } catch (error) {
      if (error instanceof RemoteError && error.status === 404) throw notFound('There is no such user');
      if (error instanceof RemoteError && error.status === 403) throw forbidden('The server of the user does not tell');
      throw unanswered(error, 'The server of the user could not be asked');
    }
  }
}

/** What is `null` is not there; names and pictures that are no texts are left out. */
function profileIn(answer: JsonObject): Profile {
  const profile: JsonObject = Object.create(null);
  for (const [field, value] of Object.entries(answer)) {
    const isWrong = ['displayname', 'avatar_url', 'm.tz'].includes(field) && typeof value !== 'string';
    if (value !== null && !isWrong) profile[field] = value;
  }
  return Object.freeze(profile) as Profile;
}
