/** Composes application services, of which others only need to know whose names are whose. */
import type { Config } from '../config/schema.ts';
import { AppserviceAuthenticator } from '../services/appservices/appservice-authenticator.ts';
import { AppserviceUsers } from '../services/appservices/appservice-users.ts';
import { Appservices } from '../services/appservices/appservices.ts';
import { readRegistrationFiles } from '../services/appservices/registration-files.ts';
import type { AccountServices } from './compose-accounts.ts';

/** @throws Error if a registration is wrong */
export function openAppservices({ appservices, serverName }: Config): Appservices {
  return new Appservices(readRegistrationFiles(appservices), serverName);
}

export function composeAppservices(
  { serverName }: Config,
  appservices: Appservices,
  { accounts, devices, sessions, login }: AccountServices,
) {
  return {
    appservices,
    appserviceAuthenticator: new AppserviceAuthenticator(appservices, accounts, devices),
    appserviceUsers: new AppserviceUsers({ appservices, accounts, sessions, login, serverName }),
  };
}
