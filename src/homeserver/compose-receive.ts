/** Composes what takes in the events and rooms of other servers. */
import type { Config } from '../config/schema.ts';
import type { KeyRing } from '../federation/key-ring/key-ring.ts';
import type { FederationClient } from '../federation/signed-client/federation-client.ts';
import { RoomImport } from '../services/timeline/import-room.ts';
import type { FullStates } from '../services/timeline/partial-state/full-states.ts';
import { StateJobs } from '../services/timeline/partial-state/state-jobs.ts';
import { Backfill } from '../services/timeline/receive-pdu/backfill.ts';
import { EventChecks } from '../services/timeline/receive-pdu/check-signatures.ts';
import { MissingEvents } from '../services/timeline/receive-pdu/fetch-missing.ts';
import { PduReceiver } from '../services/timeline/receive-pdu/pdu-receiver.ts';
import { RemoteRooms } from '../services/timeline/receive-pdu/remote-room.ts';
import type { Timeline, TimelineDependencies } from '../services/timeline/timeline.ts';
import type { Logger } from '../util/logger.ts';

export interface ReceiveFoundations extends TimelineDependencies {
  readonly timeline: Timeline;
  readonly fullStates: FullStates;
  readonly logger: Logger;
  readonly config: Config;
  readonly keyRing: KeyRing;
  readonly federationClient: FederationClient;
}

export function composeReceive(on: ReceiveFoundations) {
  const { federation: settings, serverName } = on.config;
  const checks = new EventChecks(on.keyRing);
  const remoteRooms = new RemoteRooms(on.federationClient, checks, {
    timeout: settings.roomRequestTimeout,
    eventBytes: settings.eventAnswerSize,
    stateBytes: settings.stateAnswerSize,
    events: settings.missingEvents,
    stateEvents: settings.stateEvents,
  });
  const missing = new MissingEvents({
    ...on,
    remote: remoteRooms,
    limits: { singleEvents: settings.singleEventRequests, statesPerEvent: settings.statesPerEvent },
  });
  return {
    checks,
    remoteRooms,
    pduReceiver: new PduReceiver({ ...on, checks, missing, serverName }),
    roomImport: new RoomImport({ ...on, checks }),
    stateJobs: new StateJobs({
      ...{ ...on, remote: remoteRooms, serverName },
      limits: { singleEvents: settings.singleEventRequests, stateTimeout: settings.joinTimeout },
      settings: {
        atOnce: settings.partialJoinsAtOnce,
        servers: settings.membershipServers,
        rounds: settings.partialJoinRounds,
        retryMin: settings.partialJoinRetryMin,
        retryMax: settings.partialJoinRetryMax,
      },
    }),
    backfill: new Backfill({
      ...on,
      ...{ remote: remoteRooms, missing, serverName },
      limits: { events: settings.backfillEvents, servers: settings.backfillServers, states: settings.statesPerEvent },
    }),
  };
}
