/** Composes application services, of which others only need to know whose names are whose. */
import type { Config } from '../config/schema.ts';
import type { OutgoingClient } from '../outgoing/outgoing-client.ts';
import { AppserviceAuthenticator } from '../services/appservices/appservice-authenticator.ts';
import { AppserviceClient } from '../services/appservices/appservice-client.ts';
import { AppserviceUsers } from '../services/appservices/appservice-users.ts';
import { Appservices } from '../services/appservices/appservices.ts';
import { readRegistrationFiles } from '../services/appservices/registration-files.ts';
import type { Clock } from '../util/clock.ts';
import type { AccountServices } from './compose-accounts.ts';

/** @throws Error if a registration is wrong */
export function openAppservices({ appservices, serverName }: Config): Appservices {
  return new Appservices(readRegistrationFiles(appservices), serverName);
}

export function composeAppservices(
  { serverName }: Config,
  appservices: Appservices,
  on: AccountServices & { readonly outgoing: { readonly client: OutgoingClient }; readonly clock: Clock },
) {
  const { accounts, devices, sessions, login } = on;
  return {
    appservices,
    appserviceClient: new AppserviceClient(on.outgoing.client, on.clock),
    appserviceAuthenticator: new AppserviceAuthenticator(appservices, accounts, devices),
    appserviceUsers: new AppserviceUsers({ appservices, accounts, sessions, login, serverName }),
  };
}
