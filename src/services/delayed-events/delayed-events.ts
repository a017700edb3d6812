import { canonicalJson } from '../../protocol/canonical-json/canonical-json.ts';
import { forbidden, tooLarge } from '../../protocol/errors.ts';
import type { JsonObject } from '../../protocol/json.ts';
import type { DelayedEventRow } from '../../storage/contract/delayed-events.ts';
import type { Storage } from '../../storage/contract/storage.ts';
import { ConflictError, WriteSet } from '../../storage/contract/write-set.ts';
import type { Clock } from '../../util/clock.ts';
import { KeyedTurns } from '../../util/keyed-turns.ts';
import type { Logger } from '../../util/logger.ts';
import type { Random } from '../../util/random.ts';
import type { NoticeBoard } from '../events.ts';
import { transactionKey } from '../idempotency.ts';
import type { EventSender, Sender } from '../rooms/event-sender.ts';
import { canonical } from '../timeline/canonical.ts';
import type { RoomCache } from '../timeline/room-cache.ts';
import { DelayedEventDelivery } from './delayed-event-delivery.ts';
import { DelayedEventTimer } from './delayed-event-timer.ts';
import { FinalisedDelayedEvents, type FinalisedLimits } from './finalised-delayed-events.ts';
import { alreadyOver, delayTooLong, tooMany, unknownId } from './refusals.ts';
import { type ToldDelayedEvent, toldDelayedEvent, toldFinalisedEvent } from './told-delayed-event.ts';
import { WaitingDelayedEvents } from './waiting-delayed-events.ts';

/** An event to be sent later. */
export interface DelayedDraft {
  readonly roomId: string;
  readonly type: string;
  readonly stateKey?: string | undefined;
  readonly content: JsonObject;
  readonly originServerTs?: number | undefined;
  /** Milliseconds, at least 1. */
  readonly delay: number;
  /** A retry with the same id gets the answer of the first attempt. */
  readonly txnId?: string | undefined;
}

export interface DelayedEventsParts {
  readonly storage: Storage;
  readonly notices: NoticeBoard;
  readonly rooms: RoomCache;
  readonly eventSender: EventSender;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly settings: FinalisedLimits & { readonly maxDelay: number; readonly perUser: number; readonly total: number };
}

/** Far more than a PDU may have, so that hopeless content does not wait. */
const MAX_CONTENT_BYTES = 65_536;

/**
 * Events that are sent when their delay ends, be it after a restart, unless they are cancelled before. Whoever knows the
 * id of one may manage it.
 * Source: https://github.com/matrix-org/matrix-spec-proposals/pull/4140
 */
export class DelayedEvents {
  readonly #parts: DelayedEventsParts;
  readonly #timer: DelayedEventTimer;
  readonly #turns = new KeyedTurns();
  readonly #finalised: FinalisedDelayedEvents;
  readonly #waiting: WaitingDelayedEvents;
  readonly #delivery: DelayedEventDelivery;

  constructor(parts: DelayedEventsParts) {
    this.#parts = parts;
    const { clock, logger } = parts;
    this.#finalised = new FinalisedDelayedEvents(parts.storage, clock, parts.settings);
    const finalised = this.#finalised;
    this.#waiting = new WaitingDelayedEvents({ ...parts, finalised });
    const delivery = new DelayedEventDelivery({ ...parts, waiting: this.#waiting, finalised, turns: this.#turns });
    this.#delivery = delivery;
    this.#timer = new DelayedEventTimer({ clock, logger, run: (isStopped) => delivery.sendDue(isStopped) });
    parts.notices.on('accountDeactivated', ({ userId }) => void this.#forget(userId));
  }

  /** Begins to send what became due while the server was away. */
  start(): void {
    this.#timer.start();
  }

  /** Resolves when everything that is due has been sent. */
  settled(): Promise<void> {
    return this.#timer.settled();
  }

  stop(): Promise<void> {
    return this.#timer.stop();
  }

  /** The id under which an earlier attempt with this transaction id was scheduled. */
  async scheduledBefore(
    sender: Sender,
    { roomId, type, txnId }: Pick<DelayedDraft, 'roomId' | 'type' | 'txnId'>,
  ): Promise<string | undefined> {
    if (txnId === undefined) return undefined;
    const key = keyOf(sender, roomId, type, txnId);
    return (await this.#parts.storage.read((tx) => tx.events.transaction(key)))?.response ?? undefined;
  }

  /**
   * Schedules an event and answers its id. Whether the room lets it in is seen when it is sent.
   * @throws M_FORBIDDEN for who is not in the room; M_BAD_JSON; M_TOO_LARGE; 400 `M_UNKNOWN` with the longest delay
   *   possible; 429 `M_LIMIT_EXCEEDED` when too many are waiting
   */
  async schedule(sender: Sender, draft: DelayedDraft): Promise<string> {
    const { storage, clock, random } = this.#parts;
    const known = await this.scheduledBefore(sender, draft);
    if (known !== undefined) return known;
    const content = await this.#check(sender, draft);
    const now = clock.now();
    const { roomId, type, stateKey, delay, originServerTs, txnId } = draft;
    const row: DelayedEventRow = {
      delay_id: random.token(32),
      user_id: sender.userId,
      device_id: sender.deviceId ?? null,
      appservice_id: sender.appserviceId ?? null,
      is_guest: sender.isGuest ? 1 : 0,
      room_id: roomId,
      type,
      state_key: stateKey ?? null,
      content,
      origin_server_ts: originServerTs ?? null,
      delay,
      running_since: now,
      send_at: now + delay,
      scheduled_at: storage.head,
    };
    const set = new WriteSet().add('delayed_events.insert', row);
    if (txnId !== undefined) {
      set.add('transactions.insert', {
        transaction_key: keyOf(sender, roomId, type, txnId),
        device_id: sender.deviceId ?? '',
        txn_id: txnId,
        event_nid: null,
        response: row.delay_id,
        created_at: now,
      });
    }
    try {
      await storage.commit(set);
    } catch (error) {
      const first = error instanceof ConflictError ? await this.scheduledBefore(sender, draft) : undefined;
      if (first === undefined) throw error;
      return first;
    }
    this.#timer.wakeAt(row.send_at);
    return row.delay_id;
  }

  /** What a user has waiting, the first to be sent first. */
  async list(userId: string): Promise<ToldDelayedEvent[]> {
    return (await this.#waiting.ofUser(userId, this.#parts.settings.perUser)).map(toldDelayedEvent);
  }

  /** What became of those of a user that wait no more, as far back as that is kept; the first one first. */
  async finalised(userId: string): Promise<ToldDelayedEvent[]> {
    return (await this.#finalised.ofUser(userId)).map(toldFinalisedEvent);
  }

  /** Forgets what became of events long ago. */
  expire(): Promise<void> {
    return this.#finalised.expire();
  }

  /** One of a user's, whether it waits or not. @throws 404 `M_NOT_FOUND` */
  async get(userId: string, delayId: string): Promise<ToldDelayedEvent> {
    const row = await this.#waiting.find(delayId);
    const over = row ? undefined : await this.#finalised.get(delayId);
    if ((row ?? over)?.user_id !== userId) throw unknownId();
    return over ? toldFinalisedEvent(over) : toldDelayedEvent(row!);
  }

  /** Done once more it changes nothing. @throws 404 `M_NOT_FOUND`; 409 `M_UNKNOWN` if it was sent */
  cancel(delayId: string): Promise<void> {
    return this.#turns.run(delayId, async () => {
      const row = await this.#waiting.find(delayId);
      if (row) await this.#finalised.add(row, {});
      else if ((await this.#outcome(delayId)) === 'sent') throw alreadyOver('sent');
    });
  }

  /** Lets the delay begin again. @throws 404 `M_NOT_FOUND`; 409 `M_UNKNOWN` if it is not waiting any more */
  restart(delayId: string): Promise<void> {
    const { clock, storage } = this.#parts;
    return this.#turns.run(delayId, async () => {
      const row = await this.#waiting.find(delayId);
      if (!row) throw alreadyOver(await this.#outcome(delayId));
      const now = clock.now();
      const restarted = { delay_id: delayId, running_since: now, send_at: now + row.delay };
      await storage.commit(new WriteSet().add('delayed_events.restart', restarted));
      this.#timer.wakeAt(restarted.send_at);
    });
  }

  /**
   * Sends it at once, if that has not been done. It goes on waiting if it cannot be sent now.
   * @throws 404 `M_NOT_FOUND`; 409 `M_UNKNOWN` if it was cancelled; what sending it throws
   */
  send(delayId: string): Promise<void> {
    return this.#turns.run(delayId, async () => {
      const row = await this.#waiting.find(delayId);
      if (row) await this.#delivery.deliver(row);
      else if ((await this.#outcome(delayId)) === 'cancelled') throw alreadyOver('cancelled');
    });
  }

  async #check(sender: Sender, { roomId, content, delay }: DelayedDraft): Promise<string> {
    const { rooms, storage, settings, clock } = this.#parts;
    if (delay > settings.maxDelay) throw delayTooLong(settings.maxDelay);
    const room = await rooms.get(roomId);
    if (!room?.isJoined(sender.userId)) throw forbidden('You are not in this room');
    const json = canonical(() => canonicalJson(content));
    if (Buffer.byteLength(json) > MAX_CONTENT_BYTES) throw tooLarge('The content is too large for an event');
    const [own, all, first, next] = await storage.read((tx) =>
      Promise.all([
        tx.delayedEvents.countOfUser(sender.userId),
        tx.delayedEvents.count(),
        tx.delayedEvents.ofUser(sender.userId, 1),
        tx.delayedEvents.nextTime(),
      ]),
    );
    const now = clock.now();
    if (own >= settings.perUser) throw tooMany((first[0]?.send_at ?? now) - now);
    if (all >= settings.total) throw tooMany((next ?? now) - now);
    return json;
  }

  /** What became of one that does not wait. @throws 404 `M_NOT_FOUND` */
  async #outcome(delayId: string): Promise<'sent' | 'cancelled'> {
    const row = await this.#finalised.get(delayId);
    if (!row) throw unknownId();
    return row.event_id === null ? 'cancelled' : 'sent';
  }

  async #forget(userId: string): Promise<void> {
    try {
      const set = new WriteSet().add('delayed_events.deleteOfUser', { user_id: userId });
      await this.#parts.storage.commit(set.add('finalised_delayed_events.deleteOfUser', { user_id: userId }));
    } catch (err) {
      this.#parts.logger.warn({ err }, 'delayed events of a deactivated user stay until their rooms refuse them');
    }
  }
}

function keyOf(sender: Sender, roomId: string, type: string, txnId: string): Uint8Array {
  const deviceId = sender.deviceId ?? sender.appserviceId ?? '';
  return transactionKey({ userId: sender.userId, deviceId, operation: 'delayEvent', params: [roomId, type], txnId });
}
