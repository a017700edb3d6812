/** Composes application services, of which others only need to know whose names are whose. */
import type { Config } from '../config/schema.ts';
import type { OutgoingClient } from '../outgoing/outgoing-client.ts';
import { AppserviceAuthenticator } from '../services/appservices/appservice-authenticator.ts';
import { AppserviceClient } from '../services/appservices/appservice-client.ts';
import { AppserviceQueries } from '../services/appservices/appservice-queries.ts';
import { AppserviceUsers } from '../services/appservices/appservice-users.ts';
import { Appservices } from '../services/appservices/appservices.ts';
import { EphemeralEvents } from '../services/appservices/ephemeral-events.ts';
import { EventDeliveries } from '../services/appservices/event-deliveries.ts';
import type { EventInterests } from '../services/appservices/event-interests.ts';
import { readRegistrationFiles } from '../services/appservices/registration-files.ts';
import { ThirdPartyNetworks } from '../services/appservices/third-party-networks.ts';
import type { NoticeBoard } from '../services/events.ts';
import type { EventCache } from '../services/timeline/event-cache.ts';
import type { RoomCache } from '../services/timeline/room-cache.ts';
import type { Typing } from '../services/typing/typing.ts';
import type { Storage } from '../storage/contract/storage.ts';
import type { Clock } from '../util/clock.ts';
import type { Loggers } from '../util/logger.ts';
import type { AccountServices } from './compose-accounts.ts';

/** @throws Error if a registration is wrong */
export function openAppservices({ appservices, serverName }: Config): Appservices {
  return new Appservices(readRegistrationFiles(appservices), serverName);
}

export interface AppserviceFoundations extends AccountServices {
  readonly outgoing: { readonly configured: OutgoingClient };
  readonly storage: Storage;
  readonly events: EventCache;
  readonly interests: EventInterests;
  readonly rooms: RoomCache;
  readonly notices: NoticeBoard;
  readonly typing: Typing;
  readonly clock: Clock;
  readonly loggers: Loggers;
}

export function composeAppservices(
  { serverName, appservices: settings }: Config,
  appservices: Appservices,
  on: AppserviceFoundations,
) {
  const { accounts, devices, sessions, login, storage, events, interests, clock } = on;
  const client = new AppserviceClient(on.outgoing.configured, clock, settings);
  const logger = on.loggers.named('appservices');
  const exists = (userId: string) => accounts.exists(userId);
  const appserviceQueries = new AppserviceQueries({ appservices, client, logger, exists });
  const ephemeral = new EphemeralEvents({ ...on, appservices, interests, settings });
  return {
    appservices,
    appserviceQueries,
    thirdPartyNetworks: new ThirdPartyNetworks(appservices, appserviceQueries),
    appserviceClient: client,
    eventDeliveries: new EventDeliveries({
      ...{ storage, events, appservices, interests, ephemeral, client, clock, settings },
      logger,
    }),
    appserviceAuthenticator: new AppserviceAuthenticator(appservices, accounts, devices),
    appserviceUsers: new AppserviceUsers({ appservices, accounts, sessions, login, serverName }),
  };
}
