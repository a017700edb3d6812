/** What ends by itself: pins, shields and sessions, each at its time, also after a restart. */
import type { JsonObject } from '../../protocol/json.ts';
import type { NoticeBoard } from '../../services/events.ts';
import type { RoomCache } from '../../services/timeline/room-cache.ts';
import type { Storage } from '../../storage/contract/storage.ts';
import { WriteSet } from '../../storage/contract/write-set.ts';
import type { Clock } from '../../util/clock.ts';
import type { RunOut } from '../store/channel-store.ts';
import { liveArea } from '../store/live-area.ts';
import type { ChannelControl } from './channel-control.ts';
import type { LiveRoom, LiveRooms } from './live-rooms.ts';
import { addRunOut, ENDING, endOf } from './run-out-rows.ts';

export interface RunOutsParts {
  readonly storage: Storage;
  readonly notices: NoticeBoard;
  readonly rooms: Pick<RoomCache, 'get'>;
  readonly liveRooms: LiveRooms;
  readonly control: Pick<ChannelControl, 'lower'>;
  readonly clock: Clock;
  onFault(error: unknown): void;
}

/** What could not be ended is tried again after this time. */
const AGAIN_MS = 60_000;
/** Those who send streams have this time after a start of the server to be heard of. */
const GRACE_MS = 60_000;

interface Due {
  readonly channelId: string;
  readonly what: RunOut;
  readonly at: number;
}

export class RunOuts {
  readonly #parts: RunOutsParts;
  readonly #due = new Map<string, Due>();

  constructor(parts: RunOutsParts) {
    this.#parts = parts;
    const { notices, liveRooms, storage, onFault } = parts;
    notices.on('currentState', ({ roomId, type, stateKey, after }) => {
      const live = ENDING.has(type) && stateKey === '' ? liveRooms.byRoom(roomId) : undefined;
      if (!live || !this.#note(live, type, after?.content)) return;
      // Who sets it by other means than the endpoints has not kept it.
      const set = new WriteSet();
      addRunOut(set, live, type, after?.content);
      storage.commit(set).catch(onFault);
    });
  }

  /** Reads what is to end: the work of a start does not grow with the channels, but with what is up. */
  async start(): Promise<void> {
    const { storage, clock } = this.#parts;
    const rows = await storage.readArea(liveArea, (store) => store.runOuts());
    const earliest = clock.now() + GRACE_MS;
    for (const { channel_id, what, ends_at } of rows) {
      this.#put(channel_id, what, what === 'session' ? Math.max(ends_at, earliest) : ends_at);
    }
  }

  /** Notes what is to end in a room that is the room of a channel from now on. */
  async look(live: LiveRoom): Promise<void> {
    const room = await this.#parts.rooms.get(live.roomId);
    for (const type of ENDING.keys()) this.#note(live, type, room?.get(type, '')?.content);
  }

  /** A session ends then unless it is heard of again; null: it does not run; undefined: as before. */
  heard({ channelId }: LiveRoom, endsAt: number | null | undefined): void {
    if (endsAt !== undefined) this.#put(channelId, 'session', endsAt ?? undefined);
  }

  async sweep(): Promise<void> {
    const { clock, control, liveRooms, storage, onFault } = this.#parts;
    const now = clock.now();
    for (const [key, due] of [...this.#due]) {
      if (due.at > now) continue;
      const { channelId, what } = due;
      const live = liveRooms.byChannel(channelId);
      try {
        if (live) await control.lower(live, what);
        // What has been put up anew meanwhile is noted anew.
        if (this.#due.get(key) !== due) continue;
        this.#due.delete(key);
        await storage.commit(new WriteSet().add('live.runOuts.remove', { channel_id: channelId, what }));
      } catch (error) {
        onFault(error);
        if (this.#due.get(key) === due) this.#due.set(key, { ...due, at: now + AGAIN_MS });
      }
    }
  }

  /** Whether that is news. */
  #note({ channelId }: LiveRoom, type: string, content: JsonObject | undefined): boolean {
    const what = ENDING.get(type);
    return what !== undefined && this.#put(channelId, what, endOf(content));
  }

  #put(channelId: string, what: RunOut, at: number | undefined): boolean {
    const key = `${channelId} ${what}`;
    if (this.#due.get(key)?.at === at) return false;
    if (at === undefined) return this.#due.delete(key);
    this.#due.set(key, { channelId, what, at });
    return true;
  }
}
