/** Notes in the moderators' log what they do by means of the room, as with Element: bans, removals, deletions. */
import { stringIn } from '../../protocol/events/content-readers.ts';
import type { NoticeBoard } from '../../services/events.ts';
import type { EventCache } from '../../services/timeline/event-cache.ts';
import type { RoomCache } from '../../services/timeline/room-cache.ts';
import type { LiveRoom, LiveRooms } from './live-rooms.ts';
import type { ModLog } from './mod-log.ts';

export interface RoomActionsParts {
  readonly notices: NoticeBoard;
  readonly rooms: Pick<RoomCache, 'peek'>;
  readonly events: Pick<EventCache, 'peek' | 'peekById'>;
  readonly liveRooms: LiveRooms;
  readonly log: ModLog;
  /** Does what moderators want done, which is noted where they want it. */
  readonly serviceUser: string;
  onFault(error: unknown): void;
}

export function noteRoomActions(parts: RoomActionsParts): void {
  const { notices, rooms, events, liveRooms, log, serviceUser, onFault } = parts;
  const note = (live: LiveRoom, by: string, action: string, target: string, reason: string | undefined) => {
    if (by === serviceUser || log.isUnderWay(by, action, target)) return;
    log.note(by, live, action, target, reason === undefined ? {} : { reason }).catch(onFault);
  };
  notices.on('currentState', ({ roomId, type, stateKey, before, after }) => {
    const live = type === 'm.room.member' ? liveRooms.byRoom(roomId) : undefined;
    const by = live && rooms.peek(roomId)?.get(type, stateKey)?.sender;
    if (!live || by === undefined || by === stateKey) return;
    const action = actionOf(before?.membership, after?.membership);
    if (action !== undefined) note(live, by, action, stateKey, stringIn(after?.content, 'reason'));
  });
  notices.on('timeline', ({ roomId, eventNid }) => {
    const live = liveRooms.byRoom(roomId);
    const event = live && events.peek(eventNid);
    if (!live || event?.type !== 'm.room.redaction') return;
    const { sender } = event;
    const redacts = stringIn(event.content, 'redacts');
    const author = redacts === undefined ? undefined : events.peekById(redacts)?.sender;
    // What somebody takes back of its own is no moderation.
    if (redacts !== undefined && author !== sender)
      note(live, sender, 'delete', redacts, stringIn(event.content, 'reason'));
  });
}

function actionOf(was: string | undefined, is: string | undefined): string | undefined {
  if (is === 'ban') return was === 'ban' ? undefined : 'ban';
  if (is !== 'leave') return undefined;
  if (was === 'ban') return 'unban';
  return was === undefined || was === 'leave' ? undefined : 'kick';
}
