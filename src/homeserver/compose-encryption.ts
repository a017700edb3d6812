import type { Config } from '../config/schema.ts';
import type { FederatedServers } from '../federation/federated-servers.ts';
import type { FederationClient } from '../federation/signed-client/federation-client.ts';
import type { Surroundings } from '../homeserver.ts';
import { BackedUpKeys } from '../services/encryption/backed-up-keys.ts';
import { CrossSigning } from '../services/encryption/cross-signing.ts';
import { DeviceKeys } from '../services/encryption/device-keys.ts';
import { DeviceLists } from '../services/encryption/device-lists.ts';
import { FederatedKeys } from '../services/encryption/federated-keys.ts';
import { ForgetDevices } from '../services/encryption/forget-devices.ts';
import { KeptDeviceLists } from '../services/encryption/kept-device-lists.ts';
import { KeyBackups } from '../services/encryption/key-backups.ts';
import { KeyClaims } from '../services/encryption/key-claims.ts';
import { KeyCounts } from '../services/encryption/key-counts.ts';
import { KeyQueries } from '../services/encryption/key-queries.ts';
import { KeySignatures } from '../services/encryption/key-signatures.ts';
import { KeysForServers } from '../services/encryption/keys-for-servers.ts';
import { KeysOfAnyone } from '../services/encryption/keys-of-anyone.ts';
import { OutgoingKeyUpdates } from '../services/encryption/outgoing-key-updates.ts';
import { RemoteDeviceLists } from '../services/encryption/remote-device-lists.ts';
import type { NoticeBoard } from '../services/events.ts';
import type { UserRooms } from '../services/membership/user-rooms.ts';
import type { RoomCache } from '../services/timeline/room-cache.ts';
import { OutgoingToDevice } from '../services/to-device/outgoing-to-device.ts';
import { ToDevice } from '../services/to-device/to-device.ts';
import type { Storage } from '../storage/contract/storage.ts';

interface Beneath {
  readonly storage: Storage;
  readonly notices: NoticeBoard;
  readonly rooms: RoomCache;
  readonly userRooms: UserRooms;
  readonly federatedServers: FederatedServers;
  readonly federationClient: FederationClient;
  readonly isLocal: (userId: string) => boolean;
}

/** Builds what end-to-end encryption needs of a server. */
export function composeEncryption(config: Config, around: Surroundings, beneath: Beneath) {
  const { storage, notices, federatedServers, federationClient, isLocal } = beneath;
  const { limits } = config;
  const deviceLists = new DeviceLists({
    ...beneath,
    serverName: config.serverName,
    limits: { recent: limits.deviceListChanges, unencryptedMembers: limits.deviceListUnencryptedMembers },
  });
  const remoteDeviceLists = new RemoteDeviceLists({
    ...{ ...beneath, deviceLists, clock: around.clock, serverName: config.serverName },
    logger: around.loggers.named('encryption'),
  });
  const keyCounts = new KeyCounts(storage, notices, { devices: limits.sessionCacheEntries });
  const deviceKeys = new DeviceKeys({ storage, deviceLists, keyCounts, limits });
  const keyQueries = new KeyQueries(storage);
  const kept = new KeptDeviceLists(remoteDeviceLists);
  const remote = new FederatedKeys({ client: federationClient, storage, kept, settings: config.federation });
  const keyClaims = new KeyClaims(storage, keyCounts);
  const keys = new KeysOfAnyone({ queries: keyQueries, claims: keyClaims, remote, isLocal });
  const crossSigning = new CrossSigning(storage, deviceLists);
  const keySignatures = new KeySignatures({ storage, deviceLists, remote, isLocal });
  const toDevice = new ToDevice({
    storage,
    notices,
    clock: around.clock,
    remote: new OutgoingToDevice({
      ...{ notices, random: around.random },
      isSpokenWith: (server) => federatedServers.has(server),
    }),
    isLocal,
    limits: { queue: limits.toDeviceQueuePerDevice, devices: limits.sessionCacheEntries },
  });
  const logger = around.loggers.named('encryption');
  const forgetDevices = new ForgetDevices({ storage, notices, keyCounts, toDevice, logger });
  const keyBackups = new KeyBackups(storage, { versionsPerUser: limits.keyBackupVersionsPerUser });
  const backedUpKeys = new BackedUpKeys(storage, keyBackups, { keysPerBackup: limits.keyBackupKeys });
  return {
    deviceLists,
    remoteDeviceLists,
    keyCounts,
    deviceKeys,
    keysForServers: new KeysForServers(
      { queries: keyQueries, claims: keyClaims, storage, isLocal },
      { deviceNames: config.federation.deviceNames },
    ),
    keyQueries,
    keyUpdates: new OutgoingKeyUpdates(storage, keyQueries, { deviceNames: config.federation.deviceNames }),
    keyClaims,
    keys,
    crossSigning,
    keySignatures,
    toDevice,
    forgetDevices,
    keyBackups,
    backedUpKeys,
  };
}
