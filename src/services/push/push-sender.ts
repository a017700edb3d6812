import type { PusherRow } from '../../storage/contract/pushers.ts';
import type { Clock } from '../../util/clock.ts';
import { LimitedConcurrency } from '../../util/limited-concurrency.ts';
import type { Logger } from '../../util/logger.ts';
import { Lru } from '../../util/lru.ts';
import type { NoticeBoard } from '../events.ts';
import type { RoomCache } from '../timeline/room-cache.ts';
import type { Badges } from './badges.ts';
import { badgeMessage, eventMessage, targetOf } from './gateway-message.ts';
import type { NotifiedEvents } from './notified-events.ts';
import type { PushGateway } from './push-gateway.ts';
import type { Pushers } from './pushers.ts';

export interface PushSenderSettings {
  /** Milliseconds after the first failure; twice as long after each that follows. */
  readonly retryMin: number;
  readonly retryMax: number;
  /** Nobody is woken for what is older, in milliseconds. */
  readonly maxAge: number;
  /** Events of a room that a pusher is told of at once; beyond, only the newest. */
  readonly eventsPerRoom: number;
  /** Users whose pushers are served at the same time. */
  readonly concurrency: number;
}

export interface PushSenderParts {
  readonly storage: { readonly head: number };
  readonly notices: NoticeBoard;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly rooms: RoomCache;
  readonly pushers: Pushers;
  readonly notified: NotifiedEvents;
  readonly badges: Badges;
  readonly gateway: PushGateway;
  readonly settings: PushSenderSettings;
}

/** What is known of a pusher as long as the server runs. */
interface Progress {
  readonly failures: number;
  readonly retryAt: number;
  /** The number of unread messages that the gateway was told last. */
  readonly badge: number | undefined;
}

const NO_PROGRESS: Progress = { failures: 0, retryAt: 0, badge: undefined };
const KNOWN_PUSHERS = 100_000;
/** Positions that a pusher without news may lag behind, so that reading on later is little work. */
const SLACK = 1_000;

/**
 * Tells the push gateways of users what they are notified of. How far each pusher has got is in the database: what was
 * said while a gateway or this server was away is told afterwards.
 */
export class PushSender {
  private readonly parts: PushSenderParts;
  private readonly movedRooms = new Set<string>();
  private readonly waiting = new Set<string>();
  /** When to serve users again whose gateways have failed. */
  private readonly retries = new Map<string, number>();
  private readonly running = new Map<string, Promise<void>>();
  private readonly progress = new Lru<string, Progress>({ max: KNOWN_PUSHERS });
  private readonly turns: LimitedConcurrency;
  private readonly stopping = new AbortController();

  constructor(parts: PushSenderParts) {
    this.parts = parts;
    this.turns = new LimitedConcurrency({ running: parts.settings.concurrency, waiting: Number.MAX_SAFE_INTEGER });
    const { notices, pushers } = parts;
    notices.on('timeline', ({ roomId }) => {
      if (!pushers.isEmpty) this.movedRooms.add(roomId);
    });
    notices.on('membership', ({ userId, membership }) => {
      if (membership === 'invite' && pushers.has(userId)) this.waiting.add(userId);
    });
    notices.on('receipt', ({ userId }) => {
      if (pushers.has(userId)) this.waiting.add(userId);
    });
  }

  /** After {@link Pushers.start}: everybody may have missed something. */
  start(): void {
    for (const userId of this.parts.pushers.all()) this.waiting.add(userId);
  }

  /** Starts to serve those who may have news. Does not wait for their gateways. */
  async run(): Promise<void> {
    const { rooms, pushers } = this.parts;
    for (const roomId of this.movedRooms) {
      this.movedRooms.delete(roomId);
      const room = await rooms.get(roomId).catch((error: unknown) => {
        this.movedRooms.add(roomId);
        throw error;
      });
      if (room) for (const userId of pushers.among(room.joinedMembers())) this.waiting.add(userId);
    }
    for (const [userId, at] of this.retries) {
      if (at > this.parts.clock.now()) continue;
      this.retries.delete(userId);
      this.waiting.add(userId);
    }
    for (const userId of this.waiting) {
      if (this.running.has(userId) || this.stopping.signal.aborted) continue;
      this.waiting.delete(userId);
      const turn = this.turns
        .run(
          () => this.serve(userId),
          () => new Error('unbounded'),
        )
        .finally(() => {
          this.running.delete(userId);
        });
      this.running.set(userId, turn);
    }
  }

  /** Resolves when nobody is being served. */
  async idle(): Promise<void> {
    while (this.running.size > 0) await Promise.all(this.running.values());
  }

  /** Breaks off what is under way. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.idle();
  }

  private async serve(userId: string): Promise<void> {
    try {
      for (const pusher of await this.parts.pushers.of(userId)) {
        if (pusher.enabled === 1 && !this.stopping.signal.aborted) await this.attempt(pusher);
      }
    } catch (error) {
      this.parts.logger.warn({ err: error, userId }, 'notifications could not be sent and will be tried again');
      this.waiting.add(userId);
    }
  }

  /** Serves a pusher if it is not to be left alone for a while, and remembers how that went. */
  private async attempt(pusher: PusherRow): Promise<void> {
    const { clock, logger, settings } = this.parts;
    const key = `${pusher.user_id}\0${pusher.app_id}\0${pusher.pushkey}`;
    const before = this.progress.get(key) ?? NO_PROGRESS;
    if (before.retryAt > clock.now()) {
      this.retryAt(pusher.user_id, before.retryAt);
      return;
    }
    try {
      const badge = await this.push(pusher, before.badge);
      this.progress.set(key, { failures: 0, retryAt: 0, badge });
    } catch (error) {
      if (this.stopping.signal.aborted) return;
      const failures = before.failures + 1;
      const pause = Math.min(settings.retryMax, settings.retryMin * 2 ** Math.min(before.failures, 30));
      const retryAt = clock.now() + pause;
      this.progress.set(key, { ...before, failures, retryAt });
      this.retryAt(pusher.user_id, retryAt);
      logger.info({ err: error, userId: pusher.user_id, failures }, 'a push gateway does not take notifications');
    }
  }

  private retryAt(userId: string, at: number): void {
    this.retries.set(userId, Math.min(at, this.retries.get(userId) ?? at));
  }

  /** Tells the gateway what is new; answers the number of unread messages that it knows now. */
  private async push(pusher: PusherRow, badgeBefore: number | undefined): Promise<number | undefined> {
    const { notified, badges, clock, pushers, settings, storage } = this.parts;
    const upTo = storage.head;
    const target = targetOf(pusher);
    const oldest = clock.now() - settings.maxAge;
    const news = await notified.between(pusher.user_id, pusher.position, upTo, settings.eventsPerRoom);
    const unread = await badges.of(pusher.user_id, upTo);
    for (const one of news) {
      if (one.event.originServerTs < oldest) continue;
      const body = eventMessage(target, one, pusher.user_id, unread);
      if (await this.isRejected(pusher, target.url, body)) return undefined;
      await pushers.advance(pusher, one.event.position);
    }
    if (news.length === 0 && badgeBefore !== unread && (badgeBefore !== undefined || unread === 0)) {
      if (await this.isRejected(pusher, target.url, badgeMessage(target, unread))) return undefined;
    }
    if (upTo - pusher.position > SLACK) await pushers.advance(pusher, upTo);
    return unread;
  }

  private async isRejected(pusher: PusherRow, url: string, body: string): Promise<boolean> {
    const rejected = await this.parts.gateway.notify(url, body, this.stopping.signal);
    if (!rejected.includes(pusher.pushkey)) return false;
    await this.parts.pushers.reject(pusher);
    return true;
  }
}
