/** The composition root: builds every part in order and hands each what it names. No logic. */
import { mkdirSync } from 'node:fs';
import { registry } from './api/registry.ts';
import { unstableFeatures } from './api/unstable-features.ts';
import type { Config } from './config/schema.ts';
import { startBackground } from './homeserver/background.ts';
import { composeAccounts } from './homeserver/compose-accounts.ts';
import { composeAppservices, openAppservices } from './homeserver/compose-appservices.ts';
import { composeConsent } from './homeserver/compose-consent.ts';
import { composeEncryption } from './homeserver/compose-encryption.ts';
import { composeExternalLogin, openJwtApplications } from './homeserver/compose-external-login.ts';
import { composeFederation } from './homeserver/compose-federation.ts';
import { composeHistory } from './homeserver/compose-history.ts';
import { composeInbox } from './homeserver/compose-inbox.ts';
import { composeMedia } from './homeserver/compose-media.ts';
import { composeMembership } from './homeserver/compose-membership.ts';
import { composeModeration } from './homeserver/compose-moderation.ts';
import { composeOldSync } from './homeserver/compose-old-sync.ts';
import { composeOutbox } from './homeserver/compose-outbox.ts';
import { composePolicy, openPolicyServer } from './homeserver/compose-policy.ts';
import { composePush } from './homeserver/compose-push.ts';
import { composeReceive } from './homeserver/compose-receive.ts';
import { composeRemoteQueries } from './homeserver/compose-remote-queries.ts';
import { composeRetention } from './homeserver/compose-retention.ts';
import { composeRooms } from './homeserver/compose-rooms.ts';
import { composeServerNotices } from './homeserver/compose-server-notices.ts';
import { composeSync } from './homeserver/compose-sync.ts';
import { composeUserData } from './homeserver/compose-user-data.ts';
import {
  capabilitiesOfExtensions,
  composeExtensions,
  extensionAreas,
  featuresOfExtensions,
} from './homeserver/extensions.ts';
import { openSigningKey } from './homeserver/open-signing-key.ts';
import { ResolutionThread } from './homeserver/resolution-thread.ts';
import { startHttp } from './homeserver/start-http.ts';
import type { Api, ApiSettings } from './http/create-api.ts';
import { Admission } from './services/admission/admission.ts';
import { EventInterests } from './services/appservices/event-interests.ts';
import { TurnCredentials } from './services/calls/turn-credentials.ts';
import { makeDiscovery } from './services/discovery/make-discovery.ts';
import { DehydratedDevices } from './services/encryption/dehydrated-devices.ts';
import { Erasure } from './services/erasure/erasure.ts';
import { NoticeBoard } from './services/events.ts';
import { Departures } from './services/membership/departures.ts';
import { UserRooms } from './services/membership/user-rooms.ts';
import { StateMedia } from './services/retention/state-media.ts';
import { EventCache } from './services/timeline/event-cache.ts';
import { LayerCache } from './services/timeline/layer-cache.ts';
import { FullStates } from './services/timeline/partial-state/full-states.ts';
import { RoomCache } from './services/timeline/room-cache.ts';
import { RoomQueue } from './services/timeline/room-queue.ts';
import { ServerAccess } from './services/timeline/server-access.ts';
import { Timeline } from './services/timeline/timeline.ts';
import { Notifications } from './services/unread/notifications.ts';
import { openStorage } from './storage/open-storage.ts';
import { type Clock, systemClock } from './util/clock.ts';
import { Loggers } from './util/logger.ts';
import { Metrics } from './util/metrics.ts';
import { type Random, systemRandom } from './util/random.ts';
import { IGCHAT_VERSION } from './util/version.ts';

/** What a homeserver takes from the world around it; tests bring their own. */
export interface Surroundings {
  readonly clock: Clock;
  readonly random: Random;
  readonly loggers: Loggers;
  readonly metrics: Metrics;
  /** Sees every answer; for tests. */
  readonly onAnswer?: ApiSettings['onAnswer'];
}

export function surroundings(config: Config): Surroundings {
  return {
    clock: systemClock,
    random: systemRandom,
    loggers: new Loggers(config.logging),
    metrics: new Metrics({ process: true }),
  };
}

export type Services = Awaited<ReturnType<typeof composeServices>>;

/**
 * Opens the storage and builds the services: all that the command line needs, too, which works beside a running server
 * as a `command`.
 */
export async function composeServices(config: Config, around: Surroundings, user: 'server' | 'command' = 'server') {
  const { clock } = around;
  mkdirSync(config.dataDir, { recursive: true });
  const signingKey = openSigningKey(config.signingKey, around.random);
  const { database, limits } = config;
  const log = around.loggers.named('storage');
  const { lockTimeout } = database;
  const where =
    database.engine === 'sqlite'
      ? ({ engine: 'sqlite', path: database.path, readThreads: database.readThreads } as const)
      : ({ engine: 'postgres', url: database.url!, poolSize: database.poolSize } as const);
  const storage = await openStorage({
    database: where,
    user,
    clock,
    areas: extensionAreas,
    lockTimeout,
    maxBatch: 500,
    maxPending: limits.commitQueue,
    maxReads: limits.readQueue,
    onFault: (err) => log.error({ err }, 'something went wrong that should not'),
  });
  const federation = composeFederation(config, around, { storage, signingKey });
  const isLocal = (userId: string) => userId.slice(userId.indexOf(':') + 1) === config.serverName;
  const signer = { serverName: config.serverName, key: signingKey };
  const notices = new NoticeBoard();
  const events = new EventCache(storage, { bytes: limits.eventCacheSize });
  const layers = new LayerCache(storage, { entries: limits.pastStateEntries });
  const rooms = new RoomCache(storage, events, { bytes: limits.roomCacheSize, recentEvents: 100 });
  const queue = new RoomQueue(limits.roomQueue);
  const serverAccess = new ServerAccess(rooms, config.serverName);
  const userRooms = new UserRooms(storage, notices, { users: limits.sessionCacheEntries }, isLocal);
  const userData = await composeUserData({ ...around, config, storage, notices, events, rooms, userRooms, isLocal });
  const admission = new Admission(clock);
  const policy = composePolicy(config, around, { ...federation, admission });
  const notifications = new Notifications(userData.pushRules, isLocal);
  const resolutions = new ResolutionThread({ database: where, lockTimeout }, clock, {
    inlineEvents: limits.resolutionInlineEvents,
    waiting: limits.resolutionsWaiting,
  });
  const appservices = openAppservices(config);
  const interests = new EventInterests(appservices, rooms, notices);
  const deciding = {
    outlet: interests,
    stateOutlets: [userData.carryOver, new StateMedia()],
    storage,
    rooms,
    events,
    layers,
    resolutions,
    queue,
    notices,
    signer,
    clock,
    admission,
    ...policy,
    notifications,
    isLocal,
  };
  const timeline = new Timeline(deciding);
  const fullStates = new FullStates({ rooms, notices, clock, settings: config.federation });
  const receive = composeReceive({
    ...{ ...deciding, ...federation, config, timeline, fullStates },
    logger: around.loggers.named('rooms'),
  });
  const policyServer = openPolicyServer(config, { ...deciding, ...receive });
  const encryption = composeEncryption(config, around, { ...federation, storage, notices, rooms, userRooms, isLocal });
  const jwtApplications = openJwtApplications({ ...around, ...federation, config });
  const accountServices = composeAccounts({
    ...around,
    ...federation,
    config,
    storage,
    notices,
    jwtApplications,
    deviceLists: encryption.deviceLists,
    reservedNames: appservices,
  });
  const appserviceServices = composeAppservices(config, appservices, {
    ...{ ...around, ...accountServices, ...federation, storage, events, interests, rooms, notices, ...userData },
  });
  const { profiles } = accountServices;
  const roomBasics = { rooms, serverAccess, userRooms, timeline, fullStates };
  const foundations = { config, storage, notices, events, ...roomBasics, profiles, isLocal };
  const membershipServices = composeMembership({
    ...{
      ...around,
      ...foundations,
      ...userData,
      ...federation,
      ...receive,
      signer,
      accounts: accountServices.accounts,
    },
  });
  const parts = { ...foundations, ...userData, ...membershipServices, ...appserviceServices };
  const roomServices = composeRooms({ ...around, ...parts });
  const inbox = composeInbox(around, { ...parts, ...federation, ...encryption });
  const outbox = composeOutbox(around, { ...parts, ...federation, keyUpdates: encryption.keyUpdates });
  const history = composeHistory({ ...around, ...parts, ...federation, ...receive, layers });
  notices.on('profile', ({ userId }) => roomServices.profileRooms.profileChanged(userId));
  const departures = new Departures({
    ...{ notices, userRooms, membership: roomServices.membership, users: accountServices.accounts },
    logger: around.loggers.named('accounts'),
  });
  const { sync, ...counting } = composeSync({ ...around, ...parts, ...encryption, ...history });
  const oldSync = composeOldSync({ ...around, ...parts, ...history, sync });
  const push = composePush({ ...around, ...parts, ...federation, ...history, ...counting });
  const mediaServices = await composeMedia({ ...around, ...federation, config, storage });
  const serverNotices = composeServerNotices(config, { ...around, ...parts, ...accountServices, ...roomServices });
  const consent = composeConsent({ ...around, ...serverNotices, config, storage, notices, admission, signingKey });
  const erasure = new Erasure({
    ...{ storage, notices, leftovers: [mediaServices.media, history.searchIndex] },
    logger: around.loggers.named('accounts'),
  });
  const retention = composeRetention({ ...around, ...parts, ...history, ...mediaServices });
  const remoteQueries = composeRemoteQueries({ ...around, ...foundations, ...federation, ...accountServices });
  const discovery = makeDiscovery({
    version: IGCHAT_VERSION,
    serverName: config.serverName,
    publicBaseUrl: config.publicBaseUrl,
    wellKnownServer: config.federation.wellKnownServer,
    unstableFeatures: { ...unstableFeatures(registry), ...featuresOfExtensions(config) },
    extraCapabilities: capabilitiesOfExtensions(config),
    defaultRoomVersion: config.rooms.defaultVersion,
    passwordChange: config.login.password,
    loginTokens: true,
    emailAddresses: accountServices.thirdPartyIds.hasEmail,
    maxDelay: config.delayedEvents.maxDelay,
    urlPreviews: config.urlPreviews.enabled,
  });
  return {
    config,
    storage,
    resolutions,
    notices,
    events,
    rooms,
    queue,
    serverAccess,
    userRooms,
    admission,
    policyServer,
    timeline,
    ...federation,
    ...receive,
    outbox,
    ...inbox,
    ...encryption,
    ...accountServices,
    ...composeExternalLogin({ ...around, ...federation, ...accountServices, config, jwtApplications, signingKey }),
    ...remoteQueries,
    ...serverNotices,
    ...consent,
    ...oldSync,
    ...retention,
    ...mediaServices,
    ...appserviceServices,
    ...userData,
    ...membershipServices,
    ...roomServices,
    departures,
    erasure,
    ...history,
    ...composeModeration({ clock, ...parts, ...history, accounts: accountServices.accounts }),
    ...push,
    dehydratedDevices: new DehydratedDevices({ storage, ...accountServices, ...encryption, limits }),
    turnCredentials: new TurnCredentials(config.voip, clock),
    sync,
    discovery,
    signingKey,
    ...composeExtensions(around, {
      ...{ ...deciding, ...federation, ...accountServices, ...roomServices, ...serverNotices, ...mediaServices },
      ...{ timeline, config, policyServer, erasure, visibility: history.visibility },
    }),
  };
}

/** A running homeserver. */
export interface Homeserver {
  readonly services: Services;
  readonly api: Api;
  /** Where it listens. */
  readonly urls: readonly string[];
  /** Finishes what is under way, makes it durable and closes everything. */
  stop(): Promise<void>;
}

/** Builds and starts a homeserver. */
export async function startHomeserver(config: Config, around: Surroundings): Promise<Homeserver> {
  const services = await composeServices(config, around);
  const background = await startBackground(config, around, services);
  const http = await startHttp(config, around, services);
  await background.begin();
  return {
    services,
    api: http.api,
    urls: http.urls,
    async stop() {
      for (const extension of services.extensions) extension.drain();
      await http.stop();
      await background.stop();
      await Promise.all([services.outgoing.client.close(), services.outgoing.configured.close()]);
      await services.resolutions.close();
      await services.storage.close();
    },
  };
}
