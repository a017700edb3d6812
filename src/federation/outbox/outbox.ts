import { isServerName } from '../../protocol/identifiers/server-name.ts';
import { LimitedConcurrency } from '../../util/limited-concurrency.ts';
import { Lru } from '../../util/lru.ts';
import { Destination } from './destination.ts';
import type { EphemeralEdu } from './ephemeral-edus.ts';
import type { DestinationParts, OutboxParts } from './outbox-parts.ts';
import { RetryTimer } from './retry-timer.ts';

/** Servers whose turn is looked up at once. */
const PAGE = 500;
/** Milliseconds between looks at which servers are to be tried again. */
const LEAST_PAUSE = 1_000;

/**
 * Brings events and messages to other servers, in order, for as long as it takes. What waits is in storage; memory
 * holds who is being sent to, and who was of late.
 * Source: https://spec.matrix.org/v1.19/server-server-api/#transactions
 */
export class Outbox {
  private readonly parts: DestinationParts;
  private readonly running = new Map<Destination, Promise<void>>();
  private readonly lookups = new Set<Promise<void>>();
  private readonly byName = new Map<string, Destination>();
  private readonly idle: Lru<string, Destination>;
  private readonly retries: RetryTimer;
  private readonly soon = new AbortController();
  private readonly now = new AbortController();
  private isStarted = false;
  /** Whether it may have missed that something was stored. */
  private hasMissed = false;

  constructor(parts: OutboxParts) {
    const { transactions, servers } = parts.limits;
    const waiting = Number.POSITIVE_INFINITY;
    this.parts = {
      ...parts,
      turns: new LimitedConcurrency({ running: transactions, waiting }),
      turnsOfFailing: new LimitedConcurrency({ running: Math.ceil(transactions / 4), waiting }),
    };
    this.idle = new Lru({ max: servers });
    this.retries = new RetryTimer(parts.clock, () => this.guard(() => this.retry()));
  }

  /** Servers that are being sent to. */
  get active(): number {
    return this.running.size;
  }

  /** Goes on where the last process ended. */
  async start(): Promise<void> {
    this.isStarted = true;
    this.hasMissed = true;
    await this.retry();
  }

  /** Begins nothing new, and resolves when what is under way has ended, for which there is little time. */
  async stop(): Promise<void> {
    this.soon.abort();
    this.retries.stop();
    const cancel = this.parts.clock.after(this.parts.limits.grace, () => this.now.abort());
    await this.drain();
    cancel();
  }

  /** Resolves when nothing is being sent: there is nothing more, or those for whom there is something fail. */
  async drain(): Promise<void> {
    while (this.running.size + this.lookups.size > 0) await Promise.all([...this.running.values(), ...this.lookups]);
  }

  /** Something has been stored for a server. */
  wake(server: string): void {
    const destination = this.destination(server);
    destination?.stored();
    if (destination) this.begin(destination);
  }

  /** EDUs have been stored, for several servers perhaps, at a stream position. */
  wakeAt(position: number): void {
    this.guard(async () => {
      const servers = await this.parts.storage.read((tx) => tx.outbox.serversOfEdus(position));
      for (const server of servers) this.wake(server);
    });
  }

  private get isStopped(): boolean {
    return !this.isStarted || this.soon.signal.aborted;
  }

  /** Sends an EDU soon, if the server can be reached; it may be lost. */
  sendEphemeral(server: string, edu: EphemeralEdu): void {
    const destination = this.destination(server);
    destination?.put(edu);
    if (destination) this.begin(destination);
  }

  /** A server has asked something: if it was away, it is back. */
  heard(server: string): void {
    const destination = this.destination(server);
    if (!destination) return;
    if (!this.running.has(destination)) this.idle.set(server, destination);
    this.guard(async () => {
      if (await destination.heard()) this.begin(destination);
    });
  }

  private destination(server: string): Destination | undefined {
    if (this.isStopped || server === this.parts.serverName) return undefined;
    const known = this.byName.get(server) ?? this.idle.get(server);
    if (known) return known;
    return isServerName(server) ? new Destination(server, this.parts) : undefined;
  }

  private begin(destination: Destination): void {
    const { server } = destination;
    if (this.isStopped || this.byName.has(server)) return;
    if (destination.isPausing) {
      this.idle.set(server, destination);
      return;
    }
    this.idle.delete(server);
    this.byName.set(server, destination);
    const run = this.run(destination).finally(() => {
      this.running.delete(destination);
      this.byName.delete(server);
      this.idle.set(server, destination);
      if (destination.isDue && !destination.isPausing) this.begin(destination);
    });
    this.running.set(destination, run);
  }

  private async run(destination: Destination): Promise<void> {
    const { clock, limits } = this.parts;
    try {
      const retryAt = await destination.run({ soon: this.soon.signal, now: this.now.signal });
      if (retryAt !== undefined && !this.isStopped) this.retries.schedule(retryAt);
    } catch (error) {
      this.fault(error);
      destination.pause(limits.retryMin);
      clock.after(limits.retryMin, () => this.begin(destination));
    }
  }

  /** Tries the servers again whose time has come. */
  private async retry(): Promise<void> {
    if (this.isStopped) return;
    const { storage, clock } = this.parts;
    if (this.hasMissed) await this.wakeAll();
    const now = clock.now();
    const { due, next } = await storage.read(async (tx) => ({
      due: await tx.outbox.retriable(now, PAGE),
      next: await tx.outbox.nextRetry(now),
    }));
    for (const server of due) this.wake(server);
    if (this.isStopped) return;
    if (due.length === PAGE) this.retries.schedule(now + LEAST_PAUSE);
    else if (next !== undefined) this.retries.schedule(Math.max(next, now + LEAST_PAUSE));
  }

  private async wakeAll(): Promise<void> {
    this.hasMissed = false;
    const { storage, serverName } = this.parts;
    for (let after = ''; ; ) {
      const servers = await storage.readHeavy((tx) => tx.outbox.waiting(serverName, after, PAGE));
      for (const server of servers) this.wake(server);
      if (servers.length < PAGE) return;
      after = servers.at(-1)!;
    }
  }

  private guard(work: () => Promise<void>): void {
    const lookup = work()
      .catch((error: unknown) => {
        this.fault(error);
        this.hasMissed = true;
        if (!this.isStopped) this.retries.schedule(this.parts.clock.now() + this.parts.limits.retryMin);
      })
      .finally(() => this.lookups.delete(lookup));
    this.lookups.add(lookup);
  }

  private fault(error: unknown): void {
    this.parts.logger.error({ err: error }, 'the outbox cannot go on, and tries again');
  }
}
