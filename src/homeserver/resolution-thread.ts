import type {
  LargeResolutions,
  ResolutionReply,
  ResolutionRequest,
} from '../services/timeline/resolution/large-resolutions.ts';
import { StorageUnavailableError } from '../storage/contract/write-set.ts';
import { Thread } from '../storage/engine/thread.ts';
import { workerUrl } from '../storage/engine/worker-url.ts';
import type { ReaderOptions } from '../storage/open-storage.ts';
import type { Clock } from '../util/clock.ts';
import type { ThreadReply } from './resolution-worker.ts';

export interface ResolutionLimits {
  /** {@link LargeResolutions.inlineEvents} */
  readonly inlineEvents: number;
  /** Conflicts that may wait; beyond, events that make one are refused until there is room. */
  readonly waiting: number;
}

/** Milliseconds without work after which the thread, and the memory it takes, is given up. */
const IDLE_MS = 30_000;
/** Megabytes of events that are read and looked at once. */
const YOUNG_MB = 32;

/** A thread of its own for large resolutions, with a connection of its own; it is there while it is needed. */
export class ResolutionThread implements LargeResolutions {
  readonly inlineEvents: number;
  private thread: Thread<ResolutionRequest, ThreadReply> | undefined;
  private cancelEnd: () => void = () => undefined;

  constructor(
    private readonly database: ReaderOptions,
    private readonly clock: Clock,
    private readonly limits: ResolutionLimits,
  ) {
    this.inlineEvents = limits.inlineEvents;
  }

  /** @throws StorageUnavailableError if too many wait already */
  async resolve(request: ResolutionRequest): Promise<ResolutionReply> {
    this.cancelEnd();
    if (this.thread?.isBroken) this.thread = undefined;
    this.thread ??= new Thread(workerUrl(import.meta.url, 'resolution-worker'), this.database, YOUNG_MB);
    const { thread } = this;
    if (thread.load >= this.limits.waiting) throw new StorageUnavailableError('too many conflicts wait to be resolved');
    try {
      const answer = await thread.ask(request);
      if ('error' in answer) throw new Error(`a conflict in ${request.room.id} was not resolved: ${answer.error}`);
      return answer.reply;
    } finally {
      if (thread.load === 0) this.cancelEnd = this.clock.after(IDLE_MS, () => this.end());
    }
  }

  /** Ends the thread; whoever waits for it gets an error. */
  async close(): Promise<void> {
    this.cancelEnd();
    await this.thread?.terminate();
    this.thread = undefined;
  }

  private end(): void {
    const { thread } = this;
    if (!thread || thread.load > 0) return;
    this.thread = undefined;
    void thread.terminate();
  }
}
