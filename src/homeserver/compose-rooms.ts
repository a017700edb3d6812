/** Composes what has to do with rooms. */
import type { Config } from '../config/schema.ts';
import type { AppserviceQueries } from '../services/appservices/appservice-queries.ts';
import type { Appservices } from '../services/appservices/appservices.ts';
import { DelayedEvents } from '../services/delayed-events/delayed-events.ts';
import type { NoticeBoard } from '../services/events.ts';
import type { IgnoredUsers } from '../services/history/event-sieve.ts';
import { AddressInvites } from '../services/membership/address-invites.ts';
import { GuestDepartures } from '../services/membership/guest-departures.ts';
import type { IdentityServers } from '../services/membership/identity-servers.ts';
import { type AccountDataReader, InviteChoicesOfUsers } from '../services/membership/invite-choices.ts';
import { InvitePermissions } from '../services/membership/invite-permissions.ts';
import type { JoinConditions } from '../services/membership/join-conditions.ts';
import { Joins } from '../services/membership/joins.ts';
import type { MemberProfiles } from '../services/membership/member-content.ts';
import { Membership } from '../services/membership/membership.ts';
import { MutualRooms } from '../services/membership/mutual-rooms.ts';
import { ProfileRooms } from '../services/membership/profile-rooms.ts';
import type { RemoteMembership } from '../services/membership/remote/remote-membership.ts';
import type { UserRooms } from '../services/membership/user-rooms.ts';
import { CanonicalAliasCheck } from '../services/rooms/canonical-alias-check.ts';
import { EventSender } from '../services/rooms/event-sender.ts';
import { RelatedRedactions } from '../services/rooms/related-redactions.ts';
import type { RemoteAliases } from '../services/rooms/remote-aliases.ts';
import { RoomAliases } from '../services/rooms/room-aliases.ts';
import { RoomCreation } from '../services/rooms/room-creation.ts';
import { RoomUpgrade } from '../services/rooms/room-upgrade.ts';
import type { EventCache } from '../services/timeline/event-cache.ts';
import type { FullStates } from '../services/timeline/partial-state/full-states.ts';
import type { RoomCache } from '../services/timeline/room-cache.ts';
import { SendOnce } from '../services/timeline/send-once.ts';
import type { ServerAccess } from '../services/timeline/server-access.ts';
import type { Timeline } from '../services/timeline/timeline.ts';
import type { Storage } from '../storage/contract/storage.ts';
import type { Clock } from '../util/clock.ts';
import type { Loggers } from '../util/logger.ts';
import type { Random } from '../util/random.ts';
import { noticesUserOf } from './compose-server-notices.ts';

/** What rooms are built on. */
export interface RoomFoundations {
  readonly config: Config;
  readonly clock: Clock;
  readonly random: Random;
  readonly loggers: Loggers;
  readonly storage: Storage;
  readonly notices: NoticeBoard;
  readonly events: EventCache;
  readonly rooms: RoomCache;
  readonly serverAccess: ServerAccess;
  readonly userRooms: UserRooms;
  readonly timeline: Timeline;
  readonly fullStates: FullStates;
  readonly profiles: MemberProfiles;
  readonly accountData: AccountDataReader & IgnoredUsers;
  readonly appservices: Appservices;
  readonly appserviceQueries: AppserviceQueries;
  readonly identityServers: IdentityServers;
  readonly remoteMembership: RemoteMembership;
  readonly remoteAliases: RemoteAliases;
  readonly joinConditions: JoinConditions;
  readonly isLocal: (userId: string) => boolean;
}

export function composeRooms(on: RoomFoundations) {
  const { config, clock, storage, rooms, timeline, userRooms, profiles, isLocal } = on;
  const { serverName } = config;
  const remote = on.remoteMembership;
  const exclusiveOwner = (alias: string) => on.appservices.ownerOfAlias(alias);
  const roomAliases = new RoomAliases({
    ...{ storage, rooms, timeline, clock, serverName, remote: on.remoteAliases, exclusiveOwner },
    makesAlias: (alias) => on.appserviceQueries.makesAlias(alias),
  });
  const invitePermissions = new InvitePermissions(isLocal, new InviteChoicesOfUsers(on.accountData), (userId) =>
    on.appserviceQueries.makeUser(userId),
  );
  const joins = new Joins({
    ...{ timeline, rooms, conditions: on.joinConditions, remote: remote.joins, serverName, isLocal },
  });
  const membership = new Membership({
    storage,
    timeline,
    rooms,
    userRooms,
    aliases: roomAliases,
    profiles,
    invitePermissions,
    joins,
    fullStates: on.fullStates,
    remote,
    isLocal,
    noticesUser: noticesUserOf(config),
  });
  const addressInvites = new AddressInvites({
    ...{ rooms, timeline, profiles, membership, settings: config.federation },
    identity: on.identityServers,
  });
  const roomCreation = new RoomCreation({
    timeline,
    aliases: roomAliases,
    profiles,
    invitePermissions,
    random: on.random,
    remoteInvites: remote.invites,
    logger: on.loggers.named('rooms'),
    isLocal,
    settings: { serverName, ...config.rooms, maxInvites: config.limits.invitesPerRoomCreation },
  });
  const eventSender = new EventSender({
    storage,
    rooms,
    timeline,
    events: on.events,
    once: new SendOnce(storage),
    membership,
    canonicalAlias: new CanonicalAliasCheck(roomAliases),
  });
  const delayedEvents = new DelayedEvents({
    ...{ storage, notices: on.notices, rooms, eventSender, clock, random: on.random },
    logger: on.loggers.named('delayed-events'),
    settings: config.delayedEvents,
  });
  const relatedRedactions = new RelatedRedactions({ storage, rooms, timeline, most: config.limits.relatedRedactions });
  const profileRooms = new ProfileRooms({
    ...{ storage, timeline, userRooms, profiles, logger: on.loggers.named('profiles') },
  });
  const guestDepartures = new GuestDepartures({
    ...{ storage, notices: on.notices, rooms, membership },
    logger: on.loggers.named('rooms'),
  });
  const { fullStates, random } = on;
  const roomUpgrade = new RoomUpgrade({ timeline, rooms, fullStates, profiles, random, serverName });
  const mutualRooms = new MutualRooms(storage, userRooms);
  return {
    ...{ addressInvites, roomUpgrade, mutualRooms, roomAliases, membership, roomCreation, eventSender },
    ...{ delayedEvents, relatedRedactions, profileRooms, guestDepartures },
  };
}
