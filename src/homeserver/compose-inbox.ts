/** Composes what takes in the transactions of other servers. */
import type { Config } from '../config/schema.ts';
import type { FederationClient } from '../federation/signed-client/federation-client.ts';
import type { Surroundings } from '../homeserver.ts';
import { IncomingEdus } from '../services/edus/incoming-edus.ts';
import { DeviceListResync } from '../services/encryption/device-list-resync.ts';
import type { DeviceLists } from '../services/encryption/device-lists.ts';
import type { RemoteDeviceLists } from '../services/encryption/remote-device-lists.ts';
import type { Presence } from '../services/presence/presence.ts';
import type { Receipts } from '../services/receipts/receipts.ts';
import type { RoomCache } from '../services/timeline/room-cache.ts';
import { ReceivedToDevice } from '../services/to-device/received-to-device.ts';
import type { ToDevice } from '../services/to-device/to-device.ts';
import { ReceivedTransactions } from '../services/transactions/received-transactions.ts';
import { type PduSink, RoomLanes } from '../services/transactions/room-lanes.ts';
import { StagedPdus } from '../services/transactions/staged-pdus.ts';
import type { Typing } from '../services/typing/typing.ts';
import type { Storage } from '../storage/contract/storage.ts';

interface InboxFoundations {
  readonly config: Config;
  readonly storage: Storage;
  readonly rooms: RoomCache;
  readonly outsideEvents: PduSink;
  readonly toDevice: ToDevice;
  readonly deviceLists: DeviceLists;
  readonly remoteDeviceLists: RemoteDeviceLists;
  readonly federationClient: FederationClient;
  readonly typing: Typing;
  readonly receipts: Receipts;
  readonly presence: Presence;
  readonly isLocal: (userId: string) => boolean;
}

export function composeInbox(around: Surroundings, on: InboxFoundations) {
  const { config, storage, rooms } = on;
  const { clock, random, loggers } = around;
  const { inbox: limits } = config;
  const logger = loggers.named('inbox');
  const staged = new StagedPdus(storage, limits.stagedPerServer);
  const roomLanes = new RoomLanes({ receiver: on.outsideEvents, staged, clock, logger, limits });
  const receivedToDevice = new ReceivedToDevice({ ...on, clock, limits });
  const edus = new IncomingEdus({
    ...on,
    toDevice: receivedToDevice,
    deviceLists: on.remoteDeviceLists,
    logger,
    limits,
  });
  return {
    roomLanes,
    receivedToDevice,
    receivedTransactions: new ReceivedTransactions({ rooms, lanes: roomLanes, staged, edus, limits }),
    deviceListResync: new DeviceListResync({
      ...{ storage, clock, random, logger, limits },
      client: on.federationClient,
      lists: on.remoteDeviceLists,
    }),
  };
}
