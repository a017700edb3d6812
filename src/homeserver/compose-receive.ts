/** Composes what takes in the events and rooms of other servers. */
import type { Config } from '../config/schema.ts';
import type { KeyRing } from '../federation/key-ring/key-ring.ts';
import type { FederationClient } from '../federation/signed-client/federation-client.ts';
import { RoomImport } from '../services/timeline/import-room.ts';
import { Backfill } from '../services/timeline/receive-pdu/backfill.ts';
import { EventChecks } from '../services/timeline/receive-pdu/check-signatures.ts';
import { MissingEvents } from '../services/timeline/receive-pdu/fetch-missing.ts';
import { PduReceiver } from '../services/timeline/receive-pdu/pdu-receiver.ts';
import { RemoteRooms } from '../services/timeline/receive-pdu/remote-room.ts';
import type { TimelineDependencies } from '../services/timeline/timeline.ts';

export interface ReceiveFoundations extends TimelineDependencies {
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
    backfill: new Backfill({
      ...on,
      ...{ remote: remoteRooms, missing, serverName },
      limits: { events: settings.backfillEvents, servers: settings.backfillServers, states: settings.statesPerEvent },
    }),
  };
}
