/** Composes what leaves for other servers by itself: events, messages to devices, news of the moment. */
import type { Config } from '../config/schema.ts';
import type { KeyUpdates } from '../federation/outbox/batch.ts';
import { Outbox } from '../federation/outbox/outbox.ts';
import { OutboxMetrics } from '../federation/outbox/outbox-metrics.ts';
import type { FederationClient } from '../federation/signed-client/federation-client.ts';
import type { Surroundings } from '../homeserver.ts';
import { OutgoingEphemeral } from '../services/edus/outgoing-ephemeral.ts';
import { DeviceListAnnouncements } from '../services/encryption/device-list-announcements.ts';
import type { NoticeBoard } from '../services/events.ts';
import type { Presence } from '../services/presence/presence.ts';
import type { RoomCache } from '../services/timeline/room-cache.ts';
import type { Storage } from '../storage/contract/storage.ts';

interface OutboxFoundations {
  readonly config: Config;
  readonly storage: Storage;
  readonly notices: NoticeBoard;
  readonly rooms: RoomCache;
  readonly presence: Presence;
  readonly federationClient: FederationClient;
  readonly keyUpdates: KeyUpdates;
  readonly isLocal: (userId: string) => boolean;
}

export function composeOutbox(around: Surroundings, on: OutboxFoundations): Outbox {
  const { config, storage, notices, rooms } = on;
  const { clock, random, loggers, metrics } = around;
  const logger = loggers.named('outbox');
  const outbox = new Outbox({
    ...{ storage, clock, random, logger, keyUpdates: on.keyUpdates, client: on.federationClient },
    metrics: new OutboxMetrics(metrics),
    serverName: config.serverName,
    limits: config.outbox,
  });
  if (!config.federation.enabled) return outbox;
  metrics.gauge('outbox_active', 'Servers that are being sent to.', () => outbox.active);
  notices.on('outgoingEvent', ({ roomId, departed, recipient }) => {
    if (recipient !== undefined) return outbox.wake(recipient);
    for (const server of rooms.peek(roomId)?.joinedServers.keys() ?? []) outbox.wake(server);
    if (departed !== undefined) outbox.wake(departed);
  });
  notices.on('outgoingEdu', ({ position, server }) => {
    if (server === undefined) outbox.wakeAt(position);
    else outbox.wake(server);
  });
  new DeviceListAnnouncements({ storage, notices, rooms, logger, serverName: config.serverName });
  new OutgoingEphemeral({ ...on, clock, logger, outbox });
  return outbox;
}
