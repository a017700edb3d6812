/** Finds those who come under the name of the streamer or a moderator, whatever letters they write it with. */
import { powerLevels } from '../../protocol/authorization/power-levels.ts';
import { membershipIn, stringIn } from '../../protocol/events/content-readers.ts';
import { localpartOf } from '../../protocol/identifiers/parts.ts';
import { isJsonObject, type JsonObject } from '../../protocol/json.ts';
import { foldText } from '../../protocol/text-moderation/fold-text.ts';
import { skeletonOf } from '../../protocol/text-moderation/spellings.ts';
import type { NoticeBoard } from '../../services/events.ts';
import type { EventCache } from '../../services/timeline/event-cache.ts';
import type { Room } from '../../services/timeline/room.ts';
import type { RoomCache } from '../../services/timeline/room-cache.ts';
import { Lru } from '../../util/lru.ts';
import { MODERATOR_POWER } from '../rules/standing.ts';
import type { LiveRoom, LiveRooms } from './live-rooms.ts';

export interface LookAlikesParts {
  readonly notices: NoticeBoard;
  readonly events: Pick<EventCache, 'peek'>;
  readonly rooms: Pick<RoomCache, 'peek'>;
  readonly liveRooms: LiveRooms;
  /** Names that have been told of and are remembered. */
  readonly max: number;
  /** Tells the moderators. */
  readonly tell: (live: LiveRoom, fields: JsonObject) => void;
}

/** Shorter names are alike by chance. */
const SHORTEST = 3;

export class LookAlikes {
  readonly #parts: LookAlikesParts;
  readonly #told: Lru<string, true>;

  constructor(parts: LookAlikesParts) {
    this.#parts = parts;
    this.#told = new Lru({ max: parts.max });
    parts.notices.on('timeline', ({ roomId, eventNid }) => {
      const live = parts.liveRooms.byRoom(roomId);
      const event = live && parts.events.peek(eventNid);
      if (!live || event?.type !== 'm.room.member' || event.stateKey === undefined) return;
      if (membershipIn(event.content) === 'join')
        this.#look(live, event.stateKey, stringIn(event.content, 'displayname'));
    });
  }

  #look(live: LiveRoom, userId: string, displayName: string | undefined): void {
    const room = this.#parts.rooms.peek(live.roomId);
    const name = displayName ?? localpartOf(userId);
    const key = `${live.roomId} ${userId} ${name}`;
    if (!room || this.#told.get(key)) return;
    const levels = powerLevels(room.rules, room);
    const isOne = (user: string) => user === live.streamer || levels.userLevel(user) >= MODERATOR_POWER;
    if (isOne(userId)) return;
    const skeleton = skeletonOf(foldText(name));
    if (skeleton.length < SHORTEST) return;
    const like = powerful(room, live).find((user) => isOne(user) && namesOf(room, user).includes(skeleton));
    if (like === undefined) return;
    this.#told.set(key, true);
    this.#parts.tell(live, { user: userId, name, reason: 'looks_like', like });
  }
}

function powerful(room: Room, { streamer }: LiveRoom): readonly string[] {
  const users = room.get('m.room.power_levels', '')?.content['users'];
  return [streamer, ...(isJsonObject(users) ? Object.keys(users) : [])];
}

function namesOf(room: Room, userId: string): readonly string[] {
  const shown = stringIn(room.get('m.room.member', userId)?.content, 'displayname');
  return [localpartOf(userId), ...(shown === undefined ? [] : [shown])].map((name) => skeletonOf(foldText(name)));
}
