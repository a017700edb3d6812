/** Composes what users are told of users and rooms of other servers. */
import type { Config } from '../config/schema.ts';
import type { FederationClient } from '../federation/signed-client/federation-client.ts';
import type { Accounts } from '../services/accounts/accounts.ts';
import type { Profiles } from '../services/profiles/profiles.ts';
import { ProfilesOfAnyone } from '../services/profiles/profiles-of-anyone.ts';
import { RemoteProfiles } from '../services/profiles/remote-profiles.ts';
import type { Clock } from '../util/clock.ts';

export interface RemoteQueryFoundations {
  readonly config: Config;
  readonly clock: Clock;
  readonly federationClient: FederationClient;
  readonly accounts: Accounts;
  readonly profiles: Profiles;
  readonly isLocal: (userId: string) => boolean;
}

export function composeRemoteQueries(on: RemoteQueryFoundations) {
  const { config, clock, federationClient, accounts, profiles, isLocal } = on;
  const remote = new RemoteProfiles(federationClient, clock, {
    ...config.federation,
    profileSize: config.limits.profileSize,
  });
  return { profilesOfAnyone: new ProfilesOfAnyone({ accounts, local: profiles, remote, isLocal }) };
}
