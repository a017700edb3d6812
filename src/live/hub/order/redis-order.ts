/**
 * The order of live rooms in Redis, for several processes: numbered, kept and told by scripts on a stream a room.
 * A server that has lost something, was restarted or replaced by another begins a new epoch for every room: no number
 * is used twice.
 */
import type { Clock } from '../../../util/clock.ts';
import { Lru } from '../../../util/lru.ts';
import type { Random } from '../../../util/random.ts';
import type { NumberedEntry } from '../entry.ts';
import type { WindowLimits } from '../window.ts';
import { RedisConnection, type RedisSettings } from './redis-connection.ts';
import { entryArguments, numberedEntry, seqOf, streamEntries } from './redis-entries.ts';
import { RedisFollower } from './redis-follower.ts';
import { roomKeys } from './redis-keys.ts';
import {
  appendScript,
  forgetScript,
  type RedisScript,
  readScript,
  tailScript,
  takeOverScript,
} from './redis-scripts.ts';
import type { Appended, Batch, Excerpt, Position, PublishedBatch, RoomOrder, WriterTerm } from './room-order.ts';

export interface RedisOrderOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly window: WindowLimits;
  readonly redis: RedisSettings;
  onFault(error: unknown): void;
}

/** How long a room is known in which nothing happens: a place in the log is remembered longer than any pause of a stream. */
const META_SECONDS = 7 * 86_400;
const KNOWN_ROOMS = 10_000;

export class RedisOrder implements RoomOrder {
  readonly #options: RedisOrderOptions;
  readonly #connection: RedisConnection;
  readonly #follower: RedisFollower;
  /** The last place of a room that this process has seen. */
  readonly #known = new Lru<string, Position>({ max: KNOWN_ROOMS });

  constructor(options: RedisOrderOptions) {
    const { redis, clock, random, onFault } = options;
    this.#options = options;
    this.#connection = new RedisConnection(redis, clock);
    this.#follower = new RedisFollower({
      ...{ clock, redis, onFault, connection: this.#connection, name: random.token(16) },
      tail: (room) => this.#tail(room),
    });
  }

  async takeOver(room: string): Promise<WriterTerm> {
    const [fence, epoch, seq, log] = strings(await this.#run(takeOverScript, room));
    const end = this.#see(room, { epoch: epoch!, seq: Number(seq) });
    return { fence: Number(fence), end, logPosition: Number(log) };
  }

  async append(room: string, fence: number, batch: Batch): Promise<Appended | 'superseded' | 'lost'> {
    const { clock, window } = this.#options;
    const bounds = [clock.now() - window.maxAgeMs, window.maxEntries];
    const head = [fence, batch.skipped, batch.logPosition ?? '', ...bounds, batch.id];
    const entries = batch.entries.flatMap(entryArguments);
    const [outcome, epoch = '', answer = ''] = strings(
      await this.#run(appendScript, room, [...head.map(String), ...entries]),
    );
    if (outcome === 'superseded' || outcome === 'lost') return outcome;
    const numbers = (answer === '' ? [] : answer.split(',')).map((number) =>
      number === '0' ? undefined : Number(number),
    );
    const last = numbers.findLast((number) => number !== undefined);
    if (last !== undefined) this.#see(room, { epoch, seq: last });
    return { numbers, epoch };
  }

  async read(room: string, from: Position | undefined): Promise<Excerpt> {
    const place = [from?.epoch ?? '', String(from?.seq ?? 0)];
    const reply = (await this.#run(readScript, room, place)) as [string, string, number, unknown, (string | null)[]];
    const [epoch, seq, isBehind, stream, texts] = reply;
    const end = this.#see(room, { epoch, seq: Number(seq) });
    const entries = streamEntries(stream)
      .filter((entry) => seqOf(entry) !== undefined)
      .map((entry, at) => numberedEntry(entry, texts[at]));
    const oldest = this.#options.clock.now() - this.#options.window.maxAgeMs;
    const firstKept = entries.findIndex(({ at }) => at >= oldest);
    const kept = firstKept === -1 ? [] : entries.slice(firstKept);
    const isComplete = isBehind === 1 && from !== undefined && goesOn(kept, from.seq, end.seq);
    return { end, isComplete, entries: kept };
  }

  follow(room: string, listener: (batch: PublishedBatch) => void): Promise<() => void> {
    return this.#follower.follow(room, listener);
  }

  async forget(room: string): Promise<void> {
    this.#known.delete(room);
    await this.#run(forgetScript, room);
  }

  async close(): Promise<void> {
    await Promise.all([this.#follower.close(), this.#connection.close()]);
  }

  async #tail(room: string): Promise<{ epoch: string; place: string }> {
    const [epoch = '', gen, number] = strings(await this.#run(tailScript, room));
    return { epoch, place: `${gen}-${number}` };
  }

  #run(script: RedisScript, room: string, own: readonly string[] = []): Promise<unknown> {
    const { clock, random, redis, window } = this.#options;
    const { meta, stream, text } = roomKeys(redis.keyPrefix, room);
    const known = this.#known.get(room);
    const times = [META_SECONDS, window.maxAgeMs].map(String);
    const shared = [random.token(12), String(clock.now()), known?.epoch ?? '', String(known?.seq ?? 0), ...times];
    return this.#connection.script(script, [meta, stream, text], [...shared, ...own]);
  }

  #see(room: string, position: Position): Position {
    const known = this.#known.get(room);
    if (known?.epoch !== position.epoch || known.seq < position.seq) this.#known.set(room, position);
    return position;
  }
}

/** Whether the entries are all from behind `seq` to `last`. */
function goesOn(entries: readonly NumberedEntry[], seq: number, last: number): boolean {
  return entries.length === 0 ? seq === last : entries[0]!.seq === seq + 1;
}

function strings(reply: unknown): string[] {
  return reply as string[];
}
