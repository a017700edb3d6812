import { OutgoingError } from '../../outgoing/outgoing-error.ts';
import type { AppserviceTransactionRow } from '../../storage/contract/appservice-events.ts';
import type { Storage } from '../../storage/contract/storage.ts';
import { WriteSet } from '../../storage/contract/write-set.ts';
import type { Clock } from '../../util/clock.ts';
import type { Logger } from '../../util/logger.ts';
import { clientEventJson } from '../timeline/client-event-json.ts';
import type { EventCache } from '../timeline/event-cache.ts';
import type { StoredEvent } from '../timeline/stored-event.ts';
import type { AppserviceClient } from './appservice-client.ts';
import type { Appservice, Appservices } from './appservices.ts';
import type { EphemeralEvents } from './ephemeral-events.ts';
import type { EventInterests } from './event-interests.ts';

export interface EventDeliveriesParts {
  readonly storage: Storage;
  readonly events: EventCache;
  readonly appservices: Appservices;
  readonly interests: EventInterests;
  readonly ephemeral: Pick<EphemeralEvents, 'has' | 'take'>;
  readonly client: Pick<AppserviceClient, 'transaction'>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly settings: {
    /** Events of one transaction. */
    readonly transactionEvents: number;
    /** Milliseconds before one that failed is tried again; twice as long after each failure. */
    readonly retryMin: number;
    readonly retryMax: number;
    /** Events kept for one that fails. */
    readonly eventsKept: number;
  };
}

/**
 * Tells application services what happens: in order, one transaction after the other, each until it is taken. What waits
 * is in storage, and which events make up a transaction, so that it is the same one when the next process repeats it.
 * Source: https://spec.matrix.org/v1.19/application-service-api/#pushing-events
 */
export class EventDeliveries {
  private readonly parts: EventDeliveriesParts;
  private readonly running = new Map<string, Promise<void>>();
  private readonly hasMore = new Set<string>();
  private readonly pauses = new Map<string, () => void>();
  private readonly stopping = new AbortController();
  private isStarted = false;

  constructor(parts: EventDeliveriesParts) {
    this.parts = parts;
    parts.interests.onWaiting = (appservice) => this.wake(appservice);
  }

  /** Goes on where the last process ended. */
  start(): void {
    this.isStarted = true;
    for (const appservice of this.parts.appservices.all()) if (appservice.url !== undefined) this.wake(appservice);
  }

  /** Ends what is under way. */
  async stop(): Promise<void> {
    this.stopping.abort();
    for (const cancel of this.pauses.values()) cancel();
    await this.drain();
  }

  /** Resolves when nobody is being told anything. */
  async drain(): Promise<void> {
    while (this.running.size > 0) await Promise.all(this.running.values());
  }

  private wake(appservice: Appservice): void {
    const { id } = appservice;
    if (!this.isStarted || this.stopping.signal.aborted || this.pauses.has(id)) return;
    this.hasMore.add(id);
    if (this.running.has(id)) return;
    const running = this.run(appservice)
      .catch((error: unknown) => {
        this.parts.logger.error({ err: error, appservice: id }, 'an application service cannot be told anything now');
        this.pause(appservice, this.parts.settings.retryMax);
      })
      .finally(() => {
        this.running.delete(id);
        if (this.hasMore.has(id)) this.wake(appservice);
      });
    this.running.set(id, running);
  }

  private pause(appservice: Appservice, ms: number): void {
    this.hasMore.delete(appservice.id);
    if (this.stopping.signal.aborted) return;
    const cancel = this.parts.clock.after(ms, () => {
      this.pauses.delete(appservice.id);
      this.wake(appservice);
    });
    this.pauses.set(appservice.id, cancel);
  }

  private async run(appservice: Appservice): Promise<void> {
    const { storage, clock } = this.parts;
    const { id } = appservice;
    const none = { appservice_id: id, txn_id: 0, up_to: 0, attempts: 0, retry_at: 0 };
    let last = (await storage.read((tx) => tx.appserviceEvents.transaction(id))) ?? none;
    if (last.retry_at > clock.now()) return this.pause(appservice, last.retry_at - clock.now());
    while (!this.stopping.signal.aborted) {
      this.hasMore.delete(id);
      const open = last.up_to > 0 ? last : await this.open(last);
      if (!open) return;
      const isTaken = await this.send(appservice, open);
      // News of the moment alone are not told again.
      if (!isTaken && open.up_to === 0) return this.pause(appservice, this.parts.settings.retryMin);
      if (this.stopping.signal.aborted && !isTaken) return;
      if (!isTaken) return this.failed(appservice, open);
      last = { ...open, up_to: 0, attempts: 0, retry_at: 0 };
      const set = new WriteSet().add('appservice_transactions.put', last);
      await storage.commit(set.add('appservice_events.deleteUpTo', { appservice_id: id, position: open.up_to }));
    }
  }

  /** Makes a transaction of what waits, if anything does. */
  private async open(last: AppserviceTransactionRow): Promise<AppserviceTransactionRow | undefined> {
    const { storage, settings } = this.parts;
    const { appservice_id: id } = last;
    const rows = await storage.read((tx) =>
      tx.appserviceEvents.waiting(id, Number.MAX_SAFE_INTEGER, settings.transactionEvents),
    );
    const end = rows.at(-1);
    if (!end && !this.parts.ephemeral.has(id)) return undefined;
    const open = { ...last, txn_id: last.txn_id + 1, up_to: end?.position ?? 0 };
    await storage.commit(new WriteSet().add('appservice_transactions.put', open));
    return open;
  }

  private async send(appservice: Appservice, { txn_id, up_to }: AppserviceTransactionRow): Promise<boolean> {
    const { storage, events, client, clock, settings, logger } = this.parts;
    const rows = await storage.read((tx) =>
      tx.appserviceEvents.waiting(appservice.id, up_to, settings.transactionEvents),
    );
    const viewer = { now: clock.now(), userId: appservice.sender, deviceId: undefined };
    const found = new Map<number, StoredEvent>();
    for (const id of new Set(rows.map((row) => row.room_id))) {
      const ofRoom = rows.filter((row) => row.room_id === id).map((row) => row.event_nid);
      for (const [nid, event] of await events.byNids(ofRoom, { id })) found.set(nid, event);
    }
    const told = rows.flatMap(({ event_nid: nid }) => {
      const event = found.get(nid);
      return event ? [clientEventJson(event, viewer)] : [];
    });
    try {
      const now = this.parts.ephemeral.take(appservice.id);
      const ephemeral = now.length === 0 ? '' : `,"ephemeral":${JSON.stringify(now)}`;
      const text = `{"events":[${told.join(',')}]${ephemeral}}`;
      const status = await client.transaction(appservice, String(txn_id), text, this.stopping.signal);
      if (status >= 200 && status < 300) return true;
      logger.warn({ appservice: appservice.id, status }, 'an application service does not take what happened');
    } catch (error) {
      if (!(error instanceof OutgoingError)) throw error;
      logger.info({ appservice: appservice.id, err: error }, 'an application service cannot be told what happened');
    }
    return false;
  }

  private async failed(appservice: Appservice, open: AppserviceTransactionRow): Promise<void> {
    const { storage, clock, settings } = this.parts;
    const pause = Math.min(settings.retryMax, settings.retryMin * 2 ** Math.min(open.attempts, 40));
    const next = { ...open, attempts: open.attempts + 1, retry_at: clock.now() + pause };
    const set = new WriteSet().add('appservice_transactions.put', next);
    set.add('appservice_events.trim', { appservice_id: appservice.id, keep: settings.eventsKept });
    await storage.commit(set);
    this.pause(appservice, pause);
  }
}
