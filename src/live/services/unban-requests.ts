/** Appeals of those who are banned or timed out: one open at a time, decided once. */
import { forbidden, notFound } from '../../protocol/errors.ts';
import type { JsonObject } from '../../protocol/json.ts';
import type { RoomCache } from '../../services/timeline/room-cache.ts';
import type { Storage } from '../../storage/contract/storage.ts';
import { ConflictError, WriteSet } from '../../storage/contract/write-set.ts';
import type { Clock } from '../../util/clock.ts';
import type { Random } from '../../util/random.ts';
import type { UnbanRequestRow } from '../store/extras-store.ts';
import { liveArea } from '../store/live-area.ts';
import type { ChannelControl } from './channel-control.ts';
import { requireModerator } from './channel-powers.ts';
import type { LiveChannels } from './live-channels.ts';
import type { LiveRoom } from './live-rooms.ts';
import type { ModLog } from './mod-log.ts';

export interface UnbanRequestsParts {
  readonly storage: Storage;
  readonly rooms: Pick<RoomCache, 'get'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: ModLog;
  readonly control: Pick<ChannelControl, 'unban'>;
  readonly liveChannels: Pick<LiveChannels, 'opened'>;
  /** Requests of a page. */
  readonly page: number;
}

/** Milliseconds after which somebody may ask again who was denied. */
const AGAIN_MS = 86_400_000;

export class UnbanRequests {
  readonly #parts: UnbanRequestsParts;

  constructor(parts: UnbanRequestsParts) {
    this.#parts = parts;
  }

  /** @throws M_FORBIDDEN for those who are not banned, and where a request is open or was denied of late */
  async ask(userId: string, live: LiveRoom, message: string): Promise<JsonObject> {
    const { storage, rooms, clock, random, liveChannels } = this.#parts;
    const room = await rooms.get(live.roomId);
    if (room?.membershipOf(userId) !== 'ban') throw forbidden('You are not banned from this channel');
    const before = await storage.readArea(liveArea, (store) => store.ownUnbanRequest(live.channelId, userId));
    if (before?.state === 'open') throw forbidden('The moderators have not decided on your request yet');
    if (before?.state === 'denied' && (before.decided_at ?? 0) + AGAIN_MS > clock.now()) {
      throw forbidden('The moderators have denied your request; ask again another day');
    }
    const row: UnbanRequestRow = {
      ...{ request_id: random.token(16), channel_id: live.channelId, user_id: userId, message, state: 'open' },
      ...{ by_user: null, answer: null, created_at: clock.now(), decided_at: null },
    };
    await storage.commit(new WriteSet().add('live.unbanRequests.insert', row));
    liveChannels.opened(live)?.lane.publish('unban_request', requestJson(row));
    return requestJson(row);
  }

  /** Oldest first. @throws M_FORBIDDEN */
  async list(by: string, live: LiveRoom, state: UnbanRequestRow['state']): Promise<JsonObject[]> {
    const { storage, rooms, page } = this.#parts;
    await requireModerator(rooms, by, live);
    const rows = await storage.readArea(liveArea, (store) => store.unbanRequests(live.channelId, state, page));
    return rows.map(requestJson);
  }

  /** @throws M_FORBIDDEN, M_NOT_FOUND where somebody has decided already */
  async decide(by: string, live: LiveRoom, requestId: string, approve: boolean, answer: string): Promise<void> {
    const { storage, rooms, clock, log, control } = this.#parts;
    const { room } = await requireModerator(rooms, by, live);
    const row = await storage.readArea(liveArea, (store) => store.unbanRequest(requestId));
    if (row?.channel_id !== live.channelId) throw notFound('There is no such request');
    const state = approve ? 'approved' : 'denied';
    const set = log.entry(by, live, `unban_request.${state}`, row.user_id, { answer });
    const decided = { request_id: requestId, state, by_user: by, answer, decided_at: clock.now() } as const;
    try {
      await storage.commit(set.add('live.unbanRequests.decide', decided));
    } catch (error) {
      if (error instanceof ConflictError) throw notFound('The request has been decided on');
      throw error;
    }
    if (approve && room.membershipOf(row.user_id) === 'ban') await control.unban(by, live, row.user_id);
  }
}

function requestJson({
  request_id,
  user_id,
  message,
  state,
  by_user,
  answer,
  created_at,
}: UnbanRequestRow): JsonObject {
  return {
    ...{ id: request_id, user: user_id, message, state, ts: created_at },
    ...(by_user === null ? {} : { by: by_user }),
    ...(answer === null ? {} : { answer }),
  };
}
