/** What moderators did, kept for their eyes, and told to those who are there. */
import type { JsonObject } from '../../protocol/json.ts';
import type { Storage } from '../../storage/contract/storage.ts';
import { WriteSet } from '../../storage/contract/write-set.ts';
import type { Clock } from '../../util/clock.ts';
import type { Random } from '../../util/random.ts';
import { liveArea } from '../store/live-area.ts';
import type { LogPlace, ModLogRow } from '../store/live-store.ts';
import type { LiveRoom } from './live-rooms.ts';

export interface ModLogParts {
  readonly storage: Storage;
  readonly clock: Clock;
  readonly random: Random;
  /** Told of each entry once it is durable. */
  onEntry?(live: LiveRoom, row: ModLogRow): void;
}

export class ModLog {
  readonly #parts: ModLogParts;
  readonly #underWay = new Set<string>();

  constructor(parts: ModLogParts) {
    this.#parts = parts;
  }

  /** A set with an entry, to which the writes of the action are added. */
  entry(by: string, live: LiveRoom, action: string, target: string | undefined, detail: JsonObject): WriteSet {
    const { clock, random, onEntry } = this.#parts;
    const row: ModLogRow = {
      ...{ channel_id: live.channelId, created_at: clock.now(), entry_id: random.token(8), by_user: by },
      ...{ action, target: target ?? null, detail: JSON.stringify(detail) },
    };
    const set = new WriteSet().add('live.modLog.insert', row);
    if (onEntry) set.onCommitted(() => onEntry(live, row));
    return set;
  }

  /** Does something that is noted where it is done: who watches the room need not note it. */
  async during<T>(by: string, action: string, target: string, act: () => Promise<T>): Promise<T> {
    const key = `${by} ${action} ${target}`;
    this.#underWay.add(key);
    try {
      return await act();
    } finally {
      this.#underWay.delete(key);
    }
  }

  /** Whether just that is being done. */
  isUnderWay(by: string, action: string, target: string): boolean {
    return this.#underWay.has(`${by} ${action} ${target}`);
  }

  /** Notes what was done by other means. */
  async note(by: string, live: LiveRoom, action: string, target?: string, detail: JsonObject = {}): Promise<void> {
    await this.#parts.storage.commit(this.entry(by, live, action, target, detail));
  }

  /** Newest first. */
  page({ channelId }: LiveRoom, before: LogPlace | undefined, limit: number): Promise<readonly ModLogRow[]> {
    return this.#parts.storage.readArea(liveArea, (store) => store.modLog(channelId, before, limit));
  }
}

/** An entry as moderators are told. */
export function logEntryJson({ created_at, by_user, action, target, detail, entry_id }: ModLogRow): JsonObject {
  return {
    ...{ id: entry_id, ts: created_at, by: by_user, action },
    ...(target === null ? {} : { target }),
    detail: JSON.parse(detail) as JsonObject,
  };
}
