import type { Edu } from '../../protocol/events/edu.ts';
import type { Storage } from '../../storage/contract/storage.ts';
import type { Clock } from '../../util/clock.ts';
import type { Logger } from '../../util/logger.ts';
import { Lru } from '../../util/lru.ts';
import type { NoticeBoard, Notices } from '../events.ts';
import type { Presence } from '../presence/presence.ts';
import { UNTHREADED } from '../receipts/receipt-content.ts';
import type { RoomCache } from '../timeline/room-cache.ts';
import { PresenceAtJoins } from './presence-at-joins.ts';

/** Where EDUs leave for other servers. */
export interface EphemeralSink {
  sendEphemeral(server: string, edu: { readonly key: string; readonly edu: Edu; readonly keeps: boolean }): void;
}

export interface OutgoingEphemeralDependencies {
  readonly notices: NoticeBoard;
  readonly rooms: RoomCache;
  readonly presence: Presence;
  readonly storage: Storage;
  readonly outbox: EphemeralSink;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly isLocal: (userId: string) => boolean;
}

/** Users in rooms of whom it is kept that they type. */
const MOST_TYPING = 20_000;
/** Other servers forget who types after a minute or less: whoever goes on is named again. */
const TYPING_AGAIN_MS = 20_000;

/** Tells the other servers of rooms who of this one types, has read up to where, and is about. */
export class OutgoingEphemeral {
  private readonly d: OutgoingEphemeralDependencies;
  /** By room and user, when others were last told that they type. */
  private readonly typing = new Lru<string, number>({ max: MOST_TYPING });

  constructor(dependencies: OutgoingEphemeralDependencies) {
    this.d = dependencies;
    const { notices, isLocal, logger } = dependencies;
    notices.on('userTyping', (notice) => {
      if (isLocal(notice.userId)) this.types(notice);
    });
    notices.on('receipt', (notice) => {
      if (notice.receiptType === 'm.read' && isLocal(notice.userId)) this.hasRead(notice);
    });
    notices.on('presence', ({ userId }) => {
      if (!isLocal(userId)) return;
      this.isAbout(userId).catch((error: unknown) => logger.warn({ err: error }, 'presence was not told to others'));
    });
    new PresenceAtJoins({ ...dependencies, tell: (userId, servers) => this.tellPresence(userId, servers) });
  }

  private types({ roomId, userId, isTyping }: Notices['userTyping']): void {
    const key = `typing ${roomId} ${userId}`;
    const now = this.d.clock.now();
    const told = this.typing.get(key);
    if (isTyping && told !== undefined && now - told < TYPING_AGAIN_MS) return;
    if (isTyping) this.typing.set(key, now);
    else this.typing.delete(key);
    const content = { room_id: roomId, user_id: userId, typing: isTyping };
    this.toRoom(roomId, key, { edu_type: 'm.typing', content }, false);
  }

  private hasRead({ roomId, userId, eventId, threadId, ts }: Notices['receipt']): void {
    const data = threadId === UNTHREADED ? { ts } : { ts, thread_id: threadId };
    const content = { [roomId]: { 'm.read': { [userId]: { event_ids: [eventId], data } } } };
    this.toRoom(roomId, `receipt ${roomId} ${userId} ${threadId}`, { edu_type: 'm.receipt', content }, true);
  }

  private async isAbout(userId: string): Promise<void> {
    this.tellPresence(userId, await this.d.storage.read((tx) => tx.outbox.serversWith(userId)));
  }

  private tellPresence(userId: string, servers: Iterable<string>): void {
    const content = { push: [{ last_active_ago: 0, ...this.d.presence.contentOf(userId), user_id: userId }] };
    for (const server of servers) {
      this.d.outbox.sendEphemeral(server, {
        key: `presence ${userId}`,
        edu: { edu_type: 'm.presence', content },
        keeps: false,
      });
    }
  }

  private toRoom(roomId: string, key: string, edu: Edu, keeps: boolean): void {
    for (const server of this.d.rooms.peek(roomId)?.joinedServers.keys() ?? []) {
      this.d.outbox.sendEphemeral(server, { key, edu, keeps });
    }
  }
}
