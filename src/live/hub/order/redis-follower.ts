/**
 * Tells followers of live rooms what is appended to the streams in Redis: one connection waits for all rooms of the
 * process, and goes on where it was when it was lost.
 */
import type { Clock } from '../../../util/clock.ts';
import type { NumberedEntry } from '../entry.ts';
import { RedisConnection, type RedisSettings } from './redis-connection.ts';
import { numberedEntry, type StreamEntry, seqOf, streamEntries, textName } from './redis-entries.ts';
import { roomKeys } from './redis-keys.ts';
import type { PublishedBatch } from './room-order.ts';

type Listener = (batch: PublishedBatch) => void;

export interface RedisFollowerParts {
  readonly clock: Clock;
  readonly redis: RedisSettings;
  /** For everything that does not wait. */
  readonly connection: RedisConnection;
  /** Names this process. */
  readonly name: string;
  /** The epoch of a room and the id of its last entry. */
  tail(room: string): Promise<{ epoch: string; place: string }>;
  onFault(error: unknown): void;
}

interface Followed {
  readonly room: string;
  readonly textKey: string;
  readonly listeners: Set<Listener>;
  /** The id of the last entry that was read. */
  place: string;
  /** Entries of a batch whose end has not been read. */
  batch: NumberedEntry[];
}

/** Milliseconds for which Redis waits for something to tell. */
const BLOCK_MS = 5000;
const RETRY_MS = 500;
/** Entries of a room that are read at a time. */
const PAGE = 500;

export class RedisFollower {
  readonly #parts: RedisFollowerParts;
  readonly #waiting: RedisConnection;
  readonly #followed = new Map<string, Followed>();
  /** Whoever begins to follow a room writes here, so that the connection that waits hears of it. */
  readonly #wakeKey: string;
  #wakePlace = '0-0';
  #generation = 0;
  #isRunning = false;
  #isClosed = false;

  constructor(parts: RedisFollowerParts) {
    this.#parts = parts;
    this.#waiting = new RedisConnection(parts.redis, parts.clock);
    this.#wakeKey = `${parts.redis.keyPrefix}live:wake:${parts.name}`;
  }

  async follow(room: string, listener: Listener): Promise<() => void> {
    const { redis, tail } = this.#parts;
    const { stream, text } = roomKeys(redis.keyPrefix, room);
    const { place } = await tail(room);
    const followed = this.#followed.get(stream) ?? {
      ...{ room, textKey: text, listeners: new Set<Listener>(), place, batch: [] },
    };
    followed.listeners.add(listener);
    this.#followed.set(stream, followed);
    await this.#wake();
    return () => {
      followed.listeners.delete(listener);
      if (followed.listeners.size === 0 && this.#followed.get(stream) === followed) this.#followed.delete(stream);
    };
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#followed.clear();
    await this.#waiting.close();
  }

  async #wake(): Promise<void> {
    if (this.#isClosed) return;
    if (this.#isRunning) {
      const { connection } = this.#parts;
      await connection.command(['XADD', this.#wakeKey, 'MAXLEN', '1', '*', 'w', '1']);
      await connection.command(['PEXPIRE', this.#wakeKey, String(10 * BLOCK_MS)]);
      return;
    }
    this.#isRunning = true;
    void this.#run();
  }

  async #run(): Promise<void> {
    while (!this.#isClosed && this.#followed.size > 0) {
      try {
        await this.#readOnce();
      } catch (error) {
        if (this.#isClosed) break;
        this.#parts.onFault(error);
        await new Promise<void>((resolve) => this.#parts.clock.after(RETRY_MS, resolve));
      }
    }
    this.#isRunning = false;
  }

  async #readOnce(): Promise<void> {
    const generation = await this.#waiting.connect();
    if (generation !== this.#generation) {
      await Promise.all([...this.#followed.values()].map((followed) => this.#findAgain(followed)));
      this.#generation = generation;
    }
    const streams = [...this.#followed];
    const keys = [this.#wakeKey, ...streams.map(([key]) => key)];
    const places = [this.#wakePlace, ...streams.map(([, { place }]) => place)];
    const head = ['XREAD', 'COUNT', String(PAGE), 'BLOCK', String(BLOCK_MS), 'STREAMS'];
    const reply = (await this.#waiting.command(
      [...head, ...keys, ...places],
      BLOCK_MS + this.#parts.redis.commandMs,
    )) as readonly [string, unknown][] | null;
    for (const [key, entries] of reply ?? []) {
      const followed = this.#followed.get(key);
      if (key === this.#wakeKey) this.#wakePlace = streamEntries(entries).at(-1)?.id ?? this.#wakePlace;
      else if (followed) await this.#take(followed, streamEntries(entries));
    }
  }

  /** After the connection was made anew: a server that has less than was read before began anew. */
  async #findAgain(followed: Followed): Promise<void> {
    const { epoch, place } = await this.#parts.tail(followed.room);
    if (!isBefore(place, followed.place)) return;
    followed.place = place;
    followed.batch = [];
    for (const listener of [...followed.listeners]) listener({ epoch, entries: [], skipped: 0 });
  }

  async #take(followed: Followed, entries: readonly StreamEntry[]): Promise<void> {
    const names = entries.filter((entry) => seqOf(entry) !== undefined).map(textName);
    const texts = new Map<string, string | null>();
    if (names.length > 0) {
      const found = await this.#parts.connection.command(['HMGET', followed.textKey, ...names]);
      for (const [at, text] of (found as (string | null)[]).entries()) texts.set(names[at]!, text);
    }
    for (const entry of entries) {
      // Read again after an error, or behind the end of the room.
      if (!isBefore(followed.place, entry.id)) continue;
      followed.place = entry.id;
      if (seqOf(entry) !== undefined) followed.batch.push(numberedEntry(entry, texts.get(textName(entry))));
      const epoch = entry.fields.get('e');
      if (epoch === undefined) continue;
      const batch = { epoch, entries: followed.batch, skipped: Number(entry.fields.get('b')) };
      followed.batch = [];
      for (const listener of [...followed.listeners]) listener(batch);
    }
  }
}

/** Whether the id `a` is smaller than `b`. */
function isBefore(a: string, b: string): boolean {
  const [genA = 0, numberA = 0] = a.split('-').map(Number);
  const [genB = 0, numberB = 0] = b.split('-').map(Number);
  return genA < genB || (genA === genB && numberA < numberB);
}
