/** Has those who are connected feel at once what changes: bans, levels, who may watch, logouts. */
import type { NoticeBoard } from '../../services/events.ts';
import type { RoomCache } from '../../services/timeline/room-cache.ts';
import type { Crowd } from '../api/gateway/people.ts';
import { CLOSE } from '../hub/sockets/close-codes.ts';
import { LIVE_EVENT } from '../rules/channel-state.ts';
import type { LiveRooms } from './live-rooms.ts';
import { mayStay, VISIBILITY_EVENT } from './may-watch.ts';
import type { Passes } from './passes.ts';
import type { PersonalNews } from './personal-news.ts';
import type { ResumeSecrets } from './resume-secrets.ts';
import type { Tickets } from './tickets.ts';

export interface WatchedParts {
  readonly notices: NoticeBoard;
  readonly liveRooms: LiveRooms;
  readonly rooms: Pick<RoomCache, 'peek'>;
  readonly people: Crowd;
  readonly news: PersonalNews;
  readonly tickets: Tickets;
  readonly secrets: ResumeSecrets;
  readonly passes: Passes;
  onFault(error: unknown): void;
}

/** State upon whose change everybody is looked at anew. */
const CONCERNS_ALL = new Set(['m.room.power_levels', VISIBILITY_EVENT, LIVE_EVENT]);
/** State that may close a channel to those who watch: at once, for what is said next is not for them. */
const CLOSES = new Set([VISIBILITY_EVENT, LIVE_EVENT]);

export function watchChanges(parts: WatchedParts): void {
  const { notices, liveRooms, people, news, tickets, secrets, passes, onFault } = parts;
  const recheck = (userId: string, channelId: string) => void people.recheck(userId, channelId).catch(onFault);
  news.listen({ tell: (userId, channelId, text) => people.tell(userId, text, channelId), recheck });
  notices.on('currentState', ({ roomId, type, stateKey, after, before }) => {
    const live = liveRooms.byRoom(roomId);
    if (!live) return;
    if (stateKey === '' && CLOSES.has(type)) people.shutOut(live.channelId, (userId) => mayStay(parts, live, userId));
    if (stateKey === '' && CONCERNS_ALL.has(type)) void people.recheckAll(live.channelId).catch(onFault);
    const [was, is] = [before?.membership, after?.membership];
    // Whoever joins by a first message stands where it stood.
    const isMoved = was !== is && (was === 'ban' || is === 'ban' || was === 'join');
    if (type === 'm.room.member' && isMoved) recheck(stateKey, live.channelId);
  });
  const end = (userId: string, deviceId?: string) => {
    tickets.revoke(userId, deviceId);
    secrets.revoke(userId, deviceId);
    passes.revoke(userId, deviceId);
    people.shut(userId, CLOSE.badTicket, deviceId);
  };
  notices.on('deviceDeleted', ({ userId, deviceId }) => end(userId, deviceId));
  // Suspended, locked, deactivated: whoever may still come in gets a new ticket.
  notices.on('account', ({ userId }) => end(userId));
}
