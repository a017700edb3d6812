import { RetryTimer } from '../../federation/outbox/retry-timer.ts';
import type { FederationClient } from '../../federation/signed-client/federation-client.ts';
import { RemoteError } from '../../federation/signed-client/remote-error.ts';
import { uri } from '../../federation/signed-client/uri.ts';
import { OutgoingError } from '../../outgoing/outgoing-error.ts';
import { serverOf } from '../../protocol/identifiers/parts.ts';
import type { RemoteDeviceListRow } from '../../storage/contract/remote-device-lists.ts';
import type { Storage } from '../../storage/contract/storage.ts';
import { WriteSet } from '../../storage/contract/write-set.ts';
import type { Clock } from '../../util/clock.ts';
import type { Logger } from '../../util/logger.ts';
import type { Random } from '../../util/random.ts';
import { wholeList } from './remote-device-list-form.ts';
import type { RemoteDeviceLists } from './remote-device-lists.ts';

export interface DeviceListResyncDependencies {
  readonly storage: Storage;
  readonly client: FederationClient;
  readonly lists: RemoteDeviceLists;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly limits: {
    /** Lists that are asked for at the same time. */
    readonly resyncs: number;
    /** Milliseconds before a server that failed is asked again; twice as long after each failure. */
    readonly resyncRetryMin: number;
    readonly resyncRetryMax: number;
  };
}

/** Asks for device lists of which something is missing, until they are there. What is wanted is in storage. */
export class DeviceListResync {
  private readonly d: DeviceListResyncDependencies;
  private readonly timer: RetryTimer;
  private running: Promise<void> | undefined;
  private isWanted = false;
  private isStarted = false;
  private readonly stopping = new AbortController();

  constructor(dependencies: DeviceListResyncDependencies) {
    this.d = dependencies;
    this.timer = new RetryTimer(dependencies.clock, () => this.wake());
    dependencies.lists.onWanted = () => this.wake();
  }

  /** Goes on where the last process ended. */
  async start(): Promise<void> {
    await this.d.lists.forgetUnshared();
    this.isStarted = true;
    this.wake();
  }

  async stop(): Promise<void> {
    this.timer.stop();
    this.stopping.abort();
    await this.drain();
  }

  /** Resolves when nothing is being asked for. */
  async drain(): Promise<void> {
    while (this.running) await this.running;
  }

  private get isStopped(): boolean {
    return !this.isStarted || this.stopping.signal.aborted;
  }

  private wake(): void {
    this.isWanted = true;
    if (this.isStopped) return;
    this.running ??= this.run().finally(() => {
      this.running = undefined;
      if (this.isWanted) this.wake();
    });
  }

  private async run(): Promise<void> {
    const { storage, clock, limits, logger } = this.d;
    try {
      while (!this.isStopped) {
        this.isWanted = false;
        const now = clock.now();
        const due = await storage.read((tx) => tx.remoteDeviceLists.due(now, limits.resyncs));
        await Promise.all(due.map((list) => this.resync(list)));
        if (due.length > 0) continue;
        const next = await storage.read((tx) => tx.remoteDeviceLists.nextDue(now));
        if (next !== undefined) this.timer.schedule(next);
        return;
      }
    } catch (error) {
      logger.error({ err: error }, 'device lists cannot be brought up to date now');
      this.isWanted = false;
      if (!this.isStopped) this.timer.schedule(clock.now() + limits.resyncRetryMin);
    }
  }

  private async resync(list: RemoteDeviceListRow): Promise<void> {
    const destination = serverOf(list.user_id);
    const watch = this.d.lists.watch(list.user_id);
    try {
      const answer = await this.d.client.ask({
        destination: destination!,
        method: 'GET',
        uri: uri`/_matrix/federation/v1/user/devices/${list.user_id}`,
        signal: this.stopping.signal,
      });
      const whole = wholeList(list.user_id, answer);
      if (!whole) throw new RemoteError(destination!, 200, { text: 'answered no list of devices' });
      await this.d.lists.replace(list, whole, watch);
    } catch (error) {
      if (!(error instanceof OutgoingError || error instanceof RemoteError)) throw error;
      this.d.logger.debug({ err: error }, 'a list of devices could not be had');
      if (!this.isStopped) await this.retryLater(list);
    } finally {
      this.d.lists.unwatch(list.user_id);
    }
  }

  private async retryLater(list: RemoteDeviceListRow): Promise<void> {
    const { clock, random, limits, storage } = this.d;
    const pause = Math.min(limits.resyncRetryMax, limits.resyncRetryMin * 2 ** Math.min(list.attempts, 40));
    const drawn = Math.round(pause * (0.5 + random.bytes(4).readUInt32BE() / 2 ** 32));
    const row = { user_id: list.user_id, due_at: clock.now() + Math.max(1, drawn), attempts: list.attempts + 1 };
    await storage.commit(new WriteSet().add('remote_device_lists.retry', row));
  }
}
