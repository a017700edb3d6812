/** Keys of overlays: whoever has one reads one channel, and nothing else. Kept as hashes. */
import { createHash } from 'node:crypto';
import { limitExceeded } from '../../protocol/errors.ts';
import type { RoomCache } from '../../services/timeline/room-cache.ts';
import type { Storage } from '../../storage/contract/storage.ts';
import { WriteSet } from '../../storage/contract/write-set.ts';
import type { Clock } from '../../util/clock.ts';
import type { Random } from '../../util/random.ts';
import { liveArea } from '../store/live-area.ts';
import { requireStreamer } from './channel-powers.ts';
import type { LiveRoom } from './live-rooms.ts';
import type { ModLog } from './mod-log.ts';

export interface OverlayKeysParts {
  readonly storage: Storage;
  readonly rooms: Pick<RoomCache, 'get'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: ModLog;
  /** Ends what the keys of a channel have opened. */
  readonly onRevoked: (channelId: string) => void;
  readonly limits: {
    /** Keys of a channel. */
    readonly keys: number;
    /** Milliseconds for which a key is good. */
    readonly lifeMs: number;
  };
}

const PREFIX = 'ovk_';
const LENGTH = 32;

export class OverlayKeys {
  readonly #parts: OverlayKeysParts;

  constructor(parts: OverlayKeysParts) {
    this.#parts = parts;
  }

  /** @throws M_FORBIDDEN, M_LIMIT_EXCEEDED where there are as many as may be */
  async create(by: string, live: LiveRoom): Promise<{ key: string; expiresAt: number }> {
    const { storage, clock, random, log, limits, rooms } = this.#parts;
    await requireStreamer(rooms, by, live);
    const now = clock.now();
    const { channelId } = live;
    const present = await storage.readArea(liveArea, (store) => store.overlayKeys(channelId, now));
    const oldest = present[0];
    if (oldest && present.length >= limits.keys) throw limitExceeded(oldest.expires_at - now, 'Revoke the keys first');
    const key = `${PREFIX}${random.token(LENGTH)}`;
    const expiresAt = now + limits.lifeMs;
    const set = log.entry(by, live, 'overlay.key', undefined, {});
    set.add('live.overlayKeys.insert', {
      ...{ key_hash: hashOf(key), channel_id: channelId, by_user: by, created_at: now, expires_at: expiresAt },
    });
    await storage.commit(set);
    return { key, expiresAt };
  }

  /** Takes back all keys of a channel. @throws M_FORBIDDEN */
  async revoke(by: string, live: LiveRoom): Promise<void> {
    const { storage, log, rooms } = this.#parts;
    await requireStreamer(rooms, by, live);
    const set = log.entry(by, live, 'overlay.revoke', undefined, {});
    set.add('live.overlayKeys.revoke', { channel_id: live.channelId });
    await storage.commit(set.onCommitted(() => this.#parts.onRevoked(live.channelId)));
  }

  /** The channel that the key opens. */
  async channelOf(key: string): Promise<string | undefined> {
    if (!key.startsWith(PREFIX) || key.length !== PREFIX.length + LENGTH) return undefined;
    const { storage, clock } = this.#parts;
    const row = await storage.readArea(liveArea, (store) => store.overlayKey(hashOf(key), clock.now()));
    return row?.channel_id;
  }

  async expire(): Promise<void> {
    const { storage, clock } = this.#parts;
    await storage.commit(new WriteSet().add('live.overlayKeys.expire', { now: clock.now() }));
  }
}

function hashOf(key: string): string {
  return createHash('sha256').update(key).digest('base64');
}
