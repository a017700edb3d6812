import type { JsonObject } from '../../protocol/json.ts';
import { StorageUnavailableError } from '../../storage/contract/write-set.ts';
import type { Clock } from '../../util/clock.ts';
import { LimitedConcurrency } from '../../util/limited-concurrency.ts';
import type { Logger } from '../../util/logger.ts';
import type { PduVerdict } from '../timeline/receive-pdu/pdu-receiver.ts';
import type { StagedPdus } from './staged-pdus.ts';

/** Who checks events and lets them into rooms. */
export interface PduSink {
  receive(origin: string, roomId: string, pdus: readonly JsonObject[]): Promise<PduVerdict[]>;
}

export interface RoomLanesDependencies {
  readonly receiver: PduSink;
  readonly staged: StagedPdus;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly limits: {
    /** Milliseconds after which what is not checked is staged. */
    readonly answerWithin: number;
    /** Rooms that are worked on at the same time. */
    readonly rooms: number;
  };
}

/** Events of one transaction for one room. */
interface Delivery {
  readonly origin: string;
  readonly pdus: readonly JsonObject[];
  readonly settle: (verdicts: readonly PduVerdict[] | undefined) => void;
  readonly fail: (error: unknown) => void;
  /** Whether it is in storage, or on its way there. */
  staging: Promise<number> | undefined;
}

/** The events that wait for one room. */
interface Lane {
  readonly roomId: string;
  readonly waiting: Delivery[];
  /** Whether some may wait in storage: they are older than those in memory. */
  hasStaged: boolean;
  /** Writes of such that are on their way. */
  readonly stagings: Set<Promise<unknown>>;
}

/** Staged events that are checked in one go: then it is another room's turn. */
const AT_ONCE = 50;
/** Milliseconds before this server is tried again when its own storage fails. */
const PAUSE_MS = 5_000;

/**
 * Events of each room are checked in the order in which they came, rooms one beside the other, each in its turn. Who
 * sent them waits for the verdict, but not for long: then the events are made durable, and checked when their turn
 * comes, in this process or the next.
 */
export class RoomLanes {
  private readonly d: RoomLanesDependencies;
  private readonly lanes = new Map<string, Lane>();
  private readonly turns: LimitedConcurrency;
  private readonly working = new Set<Promise<void>>();
  private isStopped = false;

  constructor(dependencies: RoomLanesDependencies) {
    this.d = dependencies;
    this.turns = new LimitedConcurrency({ running: dependencies.limits.rooms, waiting: Number.POSITIVE_INFINITY });
  }

  /** Goes on with what a former process has taken in. */
  async start(): Promise<void> {
    for (const roomId of await this.d.staged.load()) {
      const lane = this.lane(roomId);
      lane.hasStaged = true;
    }
  }

  /** Begins nothing more; what is under way ends. */
  async stop(): Promise<void> {
    this.isStopped = true;
    await this.drain();
  }

  /** Resolves when nothing is being checked. */
  async drain(): Promise<void> {
    while (this.working.size > 0) await Promise.all(this.working);
  }

  /**
   * Takes in events of a room. A verdict each, or undefined if they will be checked later.
   * @throws StorageUnavailableError
   */
  submit(origin: string, roomId: string, pdus: readonly JsonObject[]): Promise<readonly PduVerdict[] | undefined> {
    return new Promise((resolve, reject) => {
      const lane = this.lane(roomId);
      const cancel = this.d.clock.after(this.d.limits.answerWithin, () => this.stage(lane, delivery));
      const delivery: Delivery = {
        origin,
        pdus,
        settle: (verdicts) => {
          cancel();
          resolve(verdicts);
        },
        fail: (error) => {
          cancel();
          reject(error);
        },
        staging: undefined,
      };
      lane.waiting.push(delivery);
      // Others came before, and their senders are not kept waiting either.
      if (lane.hasStaged) this.stage(lane, delivery);
    });
  }

  private lane(roomId: string): Lane {
    let lane = this.lanes.get(roomId);
    if (!lane) {
      lane = { roomId, waiting: [], hasStaged: false, stagings: new Set() };
      this.lanes.set(roomId, lane);
      this.work(lane);
    }
    return lane;
  }

  /** Time is up for whoever waits for the verdict. */
  private stage(lane: Lane, delivery: Delivery): void {
    if (delivery.staging) return;
    const staging = this.d.staged.add(delivery.origin, lane.roomId, delivery.pdus);
    delivery.staging = staging;
    const at = lane.waiting.indexOf(delivery);
    if (at >= 0) {
      lane.waiting.splice(at, 1);
      lane.hasStaged = true;
    }
    const settled = staging
      .then(() => delivery.settle(undefined), delivery.fail)
      .finally(() => lane.stagings.delete(settled));
    lane.stagings.add(settled);
  }

  private work(lane: Lane): void {
    const work = this.run(lane).finally(() => this.working.delete(work));
    this.working.add(work);
  }

  private async run(lane: Lane): Promise<void> {
    // Whoever opened the lane puts something into it first.
    await Promise.resolve();
    while (!this.isStopped && (lane.hasStaged || lane.waiting.length > 0)) {
      try {
        await this.turns.run(
          () => this.step(lane),
          () => new Error('as many as there are may wait'),
        );
      } catch (error) {
        this.d.logger.error({ err: error, roomId: lane.roomId }, 'events of other servers cannot be checked now');
        this.d.clock.after(PAUSE_MS, () => this.work(lane));
        return;
      }
    }
    if (this.lanes.get(lane.roomId) === lane) this.lanes.delete(lane.roomId);
    for (const delivery of lane.waiting.splice(0)) this.stage(lane, delivery);
    await Promise.all(lane.stagings);
  }

  private async step(lane: Lane): Promise<void> {
    if (lane.hasStaged) {
      lane.hasStaged = false;
      await this.checkStaged(lane).catch((error: unknown) => {
        lane.hasStaged = true;
        throw error;
      });
      return;
    }
    const delivery = lane.waiting.shift();
    if (delivery) await this.check(lane, delivery);
  }

  private async checkStaged(lane: Lane): Promise<void> {
    await Promise.all(lane.stagings);
    const rows = await this.d.staged.next(lane.roomId, AT_ONCE);
    if (rows.length === 0) return;
    lane.hasStaged = true;
    const { origin } = rows[0]!;
    const pdus = rows.map((row) => JSON.parse(row.json) as JsonObject);
    try {
      await this.d.receiver.receive(origin, lane.roomId, pdus);
    } catch (error) {
      if (error instanceof StorageUnavailableError) throw error;
      await this.checkEach(origin, lane.roomId, pdus);
    }
    await this.d.staged.remove(rows);
  }

  /** One of them is more than this server can take: the others are not to suffer from it. */
  private async checkEach(origin: string, roomId: string, pdus: readonly JsonObject[]): Promise<void> {
    for (const pdu of pdus) {
      try {
        await this.d.receiver.receive(origin, roomId, [pdu]);
      } catch (error) {
        if (error instanceof StorageUnavailableError) throw error;
        this.d.logger.error({ err: error, origin, roomId }, 'an event of another server is given up');
      }
    }
  }

  private async check(lane: Lane, delivery: Delivery): Promise<void> {
    const { origin, pdus } = delivery;
    try {
      const verdicts = await this.d.receiver.receive(origin, lane.roomId, pdus);
      if (delivery.staging) await this.unstage(delivery);
      else delivery.settle(verdicts);
    } catch (error) {
      // What has been promised to be checked later is.
      if (delivery.staging) lane.hasStaged = true;
      else delivery.fail(error);
    }
  }

  private async unstage({ origin, pdus, staging }: Delivery): Promise<void> {
    const position = await staging!;
    await this.d.staged.remove(pdus.map((_, ordinal) => ({ position, ordinal, origin })));
  }
}
