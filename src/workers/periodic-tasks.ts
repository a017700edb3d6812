import type { Clock } from '../util/clock.ts';
import type { Logger } from '../util/logger.ts';

/** Something that is done every so often, without anybody asking. */
export interface PeriodicTask {
  readonly name: string;
  /** Milliseconds between the end of one run and the start of the next. */
  readonly every: number;
  run(): Promise<void>;
}

/** Runs tasks one beside the other, each never twice at once. A run that fails is logged and tried again next time. */
export class PeriodicTasks {
  private readonly tasks: readonly PeriodicTask[];
  private readonly clock: Clock;
  private readonly logger: Logger;
  private readonly running = new Set<Promise<void>>();
  private readonly cancels = new Map<string, () => void>();
  private isStopped = false;

  constructor(tasks: readonly PeriodicTask[], clock: Clock, logger: Logger) {
    this.tasks = tasks;
    this.clock = clock;
    this.logger = logger;
  }

  start(): void {
    for (const task of this.tasks) this.schedule(task);
  }

  /** Starts no more runs, and resolves when those under way have ended. */
  async stop(): Promise<void> {
    this.isStopped = true;
    for (const cancel of this.cancels.values()) cancel();
    await Promise.all(this.running);
  }

  private schedule(task: PeriodicTask): void {
    if (this.isStopped) return;
    const cancel = this.clock.after(task.every, () => {
      const run = this.run(task).finally(() => {
        this.running.delete(run);
        this.schedule(task);
      });
      this.running.add(run);
    });
    this.cancels.set(task.name, cancel);
  }

  private async run(task: PeriodicTask): Promise<void> {
    try {
      await task.run();
    } catch (error) {
      this.logger.warn({ task: task.name, err: error }, 'a periodic task failed and will be tried again');
    }
  }
}
