import type { ServerName } from '../../protocol/identifiers/server-name.ts';
import type { DestinationRow } from '../../storage/contract/outbox.ts';
import { WriteSet } from '../../storage/contract/write-set.ts';
import { failed, newDestination, recovered } from './backoff.ts';
import { type Batch, FULL_SIZE, gatherBatch, isEmpty } from './batch.ts';
import { type EphemeralEdu, EphemeralEdus } from './ephemeral-edus.ts';
import { isRefusal, larger, smaller } from './isolation.ts';
import type { DestinationParts } from './outbox-parts.ts';
import { type Failure, transmit } from './transmit.ts';

/** How an outbox ends: `soon` nothing more is begun, `now` what is under way is given up. */
export interface Ending {
  readonly soon: AbortSignal;
  readonly now: AbortSignal;
}

/** After so many refusals of one thing alone, by a server that takes others, it is left out. */
const REFUSALS = 3;

/** Another server, as far as what it is to get is concerned. One transaction is under way at a time. */
export class Destination {
  readonly server: ServerName;
  /** How far it has got; undefined until it has been read. */
  private row: DestinationRow | undefined;
  private readonly parts: DestinationParts;
  private readonly ephemeral: EphemeralEdus;
  private size = FULL_SIZE;
  private refusals = 0;
  /** Whether it has failed since it last took something. */
  private hasRetried = false;
  /** Whether there may be something for it in storage. */
  private isStoredDue = true;
  private triedAt = 0;
  /** Nothing is done before, because this server itself is in trouble. */
  private pausedUntil = 0;

  constructor(server: ServerName, parts: DestinationParts) {
    this.server = server;
    this.parts = parts;
    this.ephemeral = new EphemeralEdus(parts.limits.ephemeralPerServer);
  }

  /** Whether it is known to fail, and the time for another try has not come. */
  get isPausing(): boolean {
    return Math.max(this.pausedUntil, this.row?.retry_at ?? 0) > this.parts.clock.now();
  }

  /** Whether there may be something to send. */
  get isDue(): boolean {
    return this.isStoredDue || this.ephemeral.size > 0;
  }

  /** Something was stored for it. */
  stored(): void {
    this.isStoredDue = true;
  }

  /** Waits for this server's own storage. */
  pause(ms: number): void {
    this.pausedUntil = this.parts.clock.now() + ms;
    this.isStoredDue = true;
  }

  put(edu: EphemeralEdu): void {
    const isNewsLater = edu.keeps || !this.isPausing;
    if (isNewsLater) this.parts.metrics.dropped.inc(this.ephemeral.put(edu));
  }

  /** The server has shown that it is there: the pause ends, unless it was tried a moment ago. Answers whether it did. */
  async heard(): Promise<boolean> {
    const row = await this.load();
    const now = this.parts.clock.now();
    if (row.retry_at <= now || now - this.triedAt < this.parts.limits.retryMin) return false;
    this.row = { ...row, retry_at: now };
    return true;
  }

  /** Sends until there is nothing more, or the server fails: then it answers when to try again. */
  async run(ending: Ending): Promise<number | undefined> {
    for (;;) {
      const row = await this.load();
      if (row.retry_at > this.parts.clock.now()) return row.retry_at;
      if (!this.isDue || ending.soon.aborted) return undefined;
      // Those that fail may hang: they keep nobody waiting but each other.
      const turns = row.failing_since === null ? this.parts.turns : this.parts.turnsOfFailing;
      const retryAt = await turns.run(
        () => this.step(this.catchingUp(row), ending.now),
        () => new Error('as many as there are may wait'),
      );
      if (retryAt !== undefined) return retryAt;
    }
  }

  private async load(): Promise<DestinationRow> {
    this.row ??=
      (await this.parts.storage.read((tx) => tx.outbox.destination(this.server))) ?? newDestination(this.server);
    return this.row;
  }

  /** Who was away for long gets the newest events of each room, and asks for others where it wants them. */
  private catchingUp(row: DestinationRow): DestinationRow {
    if (row.failing_since === null) return row;
    const hasBeenAway = this.parts.clock.now() - row.failing_since >= this.parts.limits.catchUpAfter;
    return hasBeenAway ? { ...row, catch_up_to: this.parts.storage.head } : row;
  }

  private async step(row: DestinationRow, signal: AbortSignal): Promise<number | undefined> {
    const { isStoredDue } = this;
    this.isStoredDue = false;
    const batch = await gatherBatch(this.parts, row, this.ephemeral, this.size, isStoredDue);
    if (isEmpty(batch)) return batch.rows.length > 0 ? this.arrived(row, batch) : this.nothingDue(row, batch);
    this.triedAt = this.parts.clock.now();
    const failure = await transmit(this.parts, this.server, batch, signal);
    if (failure === undefined) return this.arrived(row, batch);
    this.isStoredDue = true;
    return signal.aborted ? undefined : this.refused(row, batch, failure, signal);
  }

  private async nothingDue(row: DestinationRow, batch: Batch): Promise<undefined> {
    if (batch.isMoreDue) this.isStoredDue = true;
    const upToDate = { ...row, sent_up_to: Math.max(row.sent_up_to, batch.sentUpTo), retry_at: 0 };
    if (row.catch_up_to > row.sent_up_to) {
      this.isStoredDue = true;
      await this.save(upToDate);
    } else if (row.failing_since !== null) {
      // It is not tried again before there is something for it, and then it still counts as one that fails.
      await this.save(upToDate);
    } else this.row = upToDate;
  }

  private async arrived(row: DestinationRow, batch: Batch): Promise<undefined> {
    const { events, rows } = batch;
    const isWhole = events.length >= this.size.pdus || rows.length >= this.size.edus || this.size !== FULL_SIZE;
    if (isWhole || batch.isMoreDue || row.catch_up_to > row.sent_up_to) this.isStoredDue = true;
    this.refusals = 0;
    this.hasRetried = false;
    const { pdus, edus } = larger(this.size);
    this.size = pdus === FULL_SIZE.pdus && edus === FULL_SIZE.edus ? FULL_SIZE : { pdus, edus };
    await this.save(recovered({ ...row, sent_up_to: batch.sentUpTo }), batch);
  }

  private async refused(
    row: DestinationRow,
    batch: Batch,
    failure: Failure,
    signal: AbortSignal,
  ): Promise<number | undefined> {
    if (isRefusal(failure)) {
      const less = smaller(batch);
      if (less) {
        this.size = less;
        this.ephemeral.restore(batch.ephemeral);
        return undefined;
      }
      if (await this.isPoison(signal)) {
        this.parts.metrics.skipped.inc();
        this.parts.logger.warn({ server: this.server, err: failure }, 'leaves out what a server refuses');
        return this.arrived(row, batch);
      }
    } else this.refusals = 0;
    this.ephemeral.restore(batch.ephemeral);
    if (this.mayRetryAtOnce(failure)) return undefined;
    const next = failed(row, this.parts.limits, this.parts.clock.now(), this.parts.random, retryAfter(failure));
    this.parts.logger.debug({ server: this.server, err: failure, attempts: next.attempts }, 'a server fails');
    await this.save(next);
    return next.retry_at;
  }

  /** A connection that was kept open may have ended with the server's last process, and the next one be there. */
  private mayRetryAtOnce(failure: Failure): boolean {
    const may = 'kind' in failure && failure.kind === 'connection-lost' && !this.hasRetried;
    this.hasRetried = true;
    return may;
  }

  /** Whether what was refused, alone, is the cause: the server takes a transaction without anything. */
  private async isPoison(signal: AbortSignal): Promise<boolean> {
    const nothing: Batch = { events: [], rows: [], durable: [], ephemeral: [], sentUpTo: 0, isMoreDue: false };
    const isWell = (await transmit(this.parts, this.server, nothing, signal)) === undefined;
    this.refusals = isWell ? this.refusals + 1 : 0;
    return this.refusals >= REFUSALS;
  }

  private async save(row: DestinationRow, batch?: Batch): Promise<void> {
    const set = new WriteSet();
    const before = this.row;
    if (batch === undefined || batch.events.length > 0 || before?.failing_since !== row.failing_since) {
      set.add('destinations.put', row);
    }
    const last = batch?.rows.at(-1);
    if (last) {
      const { server, position, device_id } = last;
      set.add('outgoing_edus.deleteUpTo', { server, position, device_id });
    }
    if (set.mutations.length > 0) await this.parts.storage.commit(set);
    this.row = row;
  }
}

function retryAfter(failure: Failure): number {
  return 'retryAfterMs' in failure ? (failure.retryAfterMs ?? 0) : 0;
}
