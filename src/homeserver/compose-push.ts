/** Composes what tells users of events while they do not look. */
import type { OutgoingClient } from '../outgoing/outgoing-client.ts';
import { EventPages } from '../services/history/event-pages.ts';
import type { EventPresenter } from '../services/history/event-presenter.ts';
import { Badges } from '../services/push/badges.ts';
import { NotificationList } from '../services/push/notification-list.ts';
import { NotifiedEvents } from '../services/push/notified-events.ts';
import { PushGateway } from '../services/push/push-gateway.ts';
import { PushOutcomes } from '../services/push/push-outcomes.ts';
import type { PushRules } from '../services/push/push-rules.ts';
import { PushSender } from '../services/push/push-sender.ts';
import { Pushers } from '../services/push/pushers.ts';
import type { RoomPositions } from '../services/timeline/room-positions.ts';
import type { Unread, UnreadDependencies } from '../services/unread/unread.ts';
import type { RoomFoundations } from './compose-rooms.ts';

/** What notifications are built on. */
export interface PushFoundations
  extends Pick<
    RoomFoundations,
    'config' | 'clock' | 'loggers' | 'storage' | 'notices' | 'events' | 'rooms' | 'userRooms' | 'accountData'
  > {
  readonly outgoing: { readonly client: OutgoingClient };
  readonly pushRules: PushRules;
  readonly receipts: UnreadDependencies['receipts'];
  readonly positions: RoomPositions;
  readonly unread: Unread;
  readonly eventPresenter: EventPresenter;
}

export function composePush(on: PushFoundations) {
  const { config, clock, storage, notices, events, rooms, userRooms, positions, unread } = on;
  const logger = on.loggers.named('push');
  const notified = new NotifiedEvents({
    ...{ userRooms, rooms, positions, ignored: on.accountData },
    pages: new EventPages(storage, events),
    outcomes: new PushOutcomes(on.pushRules),
    inviteOf: async (_userId, roomId, nid) => (await events.byNids([nid], { id: roomId })).get(nid),
  });
  const pushers = new Pushers({ storage, notices, clock, logger, settings: config.limits });
  const badges = new Badges({ userRooms, rooms, positions, unread, users: config.limits.userCacheEntries });
  const gateway = new PushGateway(on.outgoing.client, config.push);
  return {
    pushers,
    notificationList: new NotificationList({
      ...{ storage, userRooms, rooms, notified, receipts: on.receipts, presenter: on.eventPresenter },
      pages: new EventPages(storage, events),
      limits: config.limits,
    }),
    pushSender: new PushSender({
      ...{ storage, notices, clock, logger, rooms, pushers, notified, badges, gateway },
      settings: config.push,
    }),
  };
}
