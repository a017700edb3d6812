/** How warm a session was, half minute by half minute: who watched and how much was said, for a line below its video. */
import { notFound } from '../../protocol/errors.ts';
import type { JsonObject } from '../../protocol/json.ts';
import type { Storage } from '../../storage/contract/storage.ts';
import { WriteSet } from '../../storage/contract/write-set.ts';
import type { Clock } from '../../util/clock.ts';
import { roundedCount } from '../hub/rounded-count.ts';
import { liveArea } from '../store/live-area.ts';
import type { Channel, ChannelBook } from './channel-book.ts';
import type { LiveChannels } from './live-channels.ts';
import { BUCKET_MS, type Replay } from './replay.ts';

export interface HeatParts {
  readonly storage: Storage;
  readonly clock: Clock;
  readonly book: Pick<ChannelBook, 'all'>;
  readonly liveChannels: Pick<LiveChannels, 'viewersOf'>;
  /** Writes down what has been said and is still to be. */
  readonly replay: Pick<Replay, 'flush'>;
  /** Milliseconds for which it is kept. */
  readonly lifeMs: number;
}

export class Heat {
  readonly #parts: HeatParts;

  constructor(parts: HeatParts) {
    this.#parts = parts;
  }

  /** Notes how many watch what is live: run once in half a minute. */
  async note(): Promise<void> {
    const { storage, clock, book, liveChannels } = this.#parts;
    const now = clock.now();
    const set = new WriteSet();
    for (const { live, state } of book.all()) {
      const startedAt = state.session?.startedAt;
      if (state.status !== 'live' || startedAt === undefined) continue;
      const bucket = Math.floor(Math.max(0, now - startedAt) / BUCKET_MS);
      const viewers = roundedCount(liveChannels.viewersOf(live));
      const row = { channel_id: live.channelId, session_id: state.session!.id, bucket, viewers, noted_at: now };
      set.add('live.heat.put', row);
    }
    if (set.mutations.length > 0) await storage.commit(set);
  }

  /** By half minutes, those in which something was. @throws M_NOT_FOUND */
  async of({ live }: Channel, sessionId: string, isMember: boolean): Promise<JsonObject> {
    const { replay, storage } = this.#parts;
    await replay.flush();
    const { session, viewers, messages } = await storage.readArea(liveArea, async (store) => ({
      session: await store.session(live.channelId, sessionId),
      viewers: await store.viewersBy(sessionId),
      messages: await store.messagesBy(sessionId, isMember ? 1 : 0),
    }));
    if (!session || (session.for_members === 1 && !isMember)) throw notFound('There is no such session');
    const said = new Map(messages.map((row) => [row.bucket, row.messages]));
    const watched = new Map(viewers.map((row) => [row.bucket, row.viewers]));
    const buckets = [...new Set([...said.keys(), ...watched.keys()])].sort((a, b) => a - b);
    return {
      bucket_ms: BUCKET_MS,
      heat: buckets.map((bucket) => ({
        bucket,
        viewers: watched.get(bucket) ?? 0,
        messages: said.get(bucket) ?? 0,
      })),
    };
  }

  async expire(): Promise<void> {
    const { storage, clock, lifeMs } = this.#parts;
    await storage.commit(new WriteSet().add('live.heat.trim', { before: clock.now() - lifeMs }));
  }
}
