/** Composes the handshakes by which users come into rooms of other servers, and users of others into those of this one. */
import type { KeyRing } from '../federation/key-ring/key-ring.ts';
import type { FederationClient } from '../federation/signed-client/federation-client.ts';
import type { Outgoing } from '../outgoing/open-outgoing.ts';
import type { EventSigner } from '../protocol/events/build-event.ts';
import type { Accounts } from '../services/accounts/accounts.ts';
import { EventSignatures } from '../services/membership/event-signatures.ts';
import { IdentityServers } from '../services/membership/identity-servers.ts';
import { type AccountDataReader, InviteChoicesOfUsers } from '../services/membership/invite-choices.ts';
import { JoinConditions } from '../services/membership/join-conditions.ts';
import { CandidateServers } from '../services/membership/remote/candidate-servers.ts';
import { Handshake } from '../services/membership/remote/handshake.ts';
import { OutsideEvents } from '../services/membership/remote/outside-events.ts';
import { OutsideMemberships } from '../services/membership/remote/outside-memberships.ts';
import { ReceivedInvites } from '../services/membership/remote/received-invites.ts';
import { RemoteInvites } from '../services/membership/remote/remote-invites.ts';
import { RemoteJoins } from '../services/membership/remote/remote-joins.ts';
import { RemoteKnocks } from '../services/membership/remote/remote-knocks.ts';
import { RemoteLeaves } from '../services/membership/remote/remote-leaves.ts';
import { MemberTemplates } from '../services/membership/resident/member-templates.ts';
import { RoomStateAnswers } from '../services/membership/resident/room-state-answer.ts';
import { SignedMembers } from '../services/membership/resident/signed-members.ts';
import { ThirdPartyInvites } from '../services/membership/third-party-invites.ts';
import { RemoteAliases } from '../services/rooms/remote-aliases.ts';
import { AuthChains } from '../services/timeline/auth-chains.ts';
import type { RoomImport } from '../services/timeline/import-room.ts';
import type { PduReceiver } from '../services/timeline/receive-pdu/pdu-receiver.ts';
import type { RoomFoundations } from './compose-rooms.ts';

/** What the handshakes are built on. */
export interface MembershipFoundations
  extends Pick<
    RoomFoundations,
    | 'config'
    | 'clock'
    | 'loggers'
    | 'storage'
    | 'notices'
    | 'events'
    | 'rooms'
    | 'serverAccess'
    | 'userRooms'
    | 'timeline'
    | 'isLocal'
  > {
  readonly outgoing: Outgoing;
  readonly federationClient: FederationClient;
  readonly keyRing: KeyRing;
  readonly signer: EventSigner;
  readonly pduReceiver: PduReceiver;
  readonly roomImport: RoomImport;
  readonly accountData: AccountDataReader;
  readonly accounts: Accounts;
}

export function composeMembership(on: MembershipFoundations) {
  const { config, clock, storage, events, rooms, serverAccess: access, timeline, userRooms, signer, isLocal } = on;
  const { serverName, federation: settings } = config;
  const logger = on.loggers.named('membership');
  const signatures = new EventSignatures(on.keyRing);
  const receiver = on.pduReceiver;
  const joinConditions = new JoinConditions(rooms, serverName);
  const outside = new OutsideMemberships({ storage, notices: on.notices, clock });
  const client = on.federationClient;
  const handshake = new Handshake({ client, signer, clock, settings });
  const candidates = new CandidateServers(userRooms, events, serverName, settings);
  const asking = { handshake, candidates, outside, signatures, clock, logger, settings };
  const remoteInvites = new RemoteInvites({ client, timeline, rooms, signatures, signer, settings });
  const joins = new RemoteJoins({ ...asking, rooms: on.roomImport, receiver, serverName });
  const isActive = (userId: string) => on.accounts.exists(userId);
  return {
    joinConditions,
    identityServers: new IdentityServers(on.outgoing.client, settings),
    remoteAliases: new RemoteAliases(client, settings),
    remoteMembership: {
      joins,
      leaves: new RemoteLeaves({ ...asking, storage, events, signer }),
      knocks: new RemoteKnocks(asking),
      invites: remoteInvites,
    },
    memberTemplates: new MemberTemplates({ timeline, access, conditions: joinConditions, serverName, isLocal }),
    signedMembers: new SignedMembers({
      ...{ timeline, events, access, conditions: joinConditions, signatures, signer, isLocal },
      answers: new RoomStateAnswers(storage, new AuthChains(storage)),
    }),
    receivedInvites: new ReceivedInvites({
      ...{ rooms, userRooms, outside, signatures, receiver, signer, settings },
      choices: new InviteChoicesOfUsers(on.accountData),
      isActive,
    }),
    thirdPartyInvites: new ThirdPartyInvites({
      ...{ timeline, access, remoteInvites, client, logger, serverName, settings, isLocal, isActive },
    }),
    outsideEvents: new OutsideEvents({
      ...{ storage, rooms, events, userRooms, receiver, joins, outside, candidates, signatures, serverName, isLocal },
    }),
  };
}
