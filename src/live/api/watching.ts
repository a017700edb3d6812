/** Reading a channel by HTTP: the same rules as at the gateway. */
import { notFound } from '../../protocol/errors.ts';
import type { Room } from '../../services/timeline/room.ts';
import type { Clock } from '../../util/clock.ts';
import type { OpenChannel } from '../hub/channels.ts';
import type { SocketCaps } from '../hub/sockets/socket-caps.ts';
import type { LiveServices } from '../live-services.ts';
import type { Channel } from '../services/channel-book.ts';
import { isForMembers, mayWatch, mayWatchChannel } from '../services/may-watch.ts';
import type { Account, GatewayAccess } from './gateway/access.ts';
import type { People } from './gateway/people.ts';
import type { Asked } from './viewer-of.ts';

/** What reading a channel needs, in the server and in a gateway of its own. */
export interface WatchingServices {
  readonly clock: Clock;
  readonly caps: SocketCaps;
  readonly people: People;
  readonly access: Pick<GatewayAccess, 'channel' | 'mayStay' | 'you'>;
  /** Milliseconds for a viewer to answer a close. */
  readonly closeMs: number;
  /** Who asks; undefined for nobody. @throws M_UNKNOWN_TOKEN */
  viewerOf(asked: Asked): Account | undefined;
  /** The channel, if the user, or anybody, may watch it. */
  watched(
    channelId: string,
    userId: string | undefined,
  ): Promise<{ readonly open: OpenChannel; readonly isPublic: boolean } | undefined>;
}

/** `isPublic`: for everybody, so that any cache may keep it. @throws M_NOT_FOUND also where the requester may not watch */
export async function openForReading(
  live: WatchingServices,
  channelId: string,
  userId: string | undefined,
): Promise<{ open: OpenChannel; isPublic: boolean }> {
  const watched = await live.watched(channelId, userId);
  if (!watched) throw notFound('There is no such channel');
  return watched;
}

/** `isPublic`: for everybody, so that any cache may keep it. @throws M_NOT_FOUND also where the requester may not watch */
export async function watchedChannel(
  live: LiveServices,
  channelId: string,
  userId: string | undefined,
): Promise<{ channel: Channel; open: OpenChannel; isPublic: boolean; isMember: boolean }> {
  const account = userId === undefined ? undefined : { userId, deviceId: '' };
  const open = await live.access.channel(channelId, account);
  if (!open) throw notFound('There is no such channel');
  const { channel, room, isPublic } = await watchedRoom(live, channelId, userId);
  // Where only members may watch, whoever does is one.
  const isMember = isForMembers(room) || (userId !== undefined && room.isJoined(userId));
  return { channel, open, isPublic, isMember };
}

/** The same for what needs the room and not the order of the chat. @throws M_NOT_FOUND */
export async function watchedRoom(
  live: LiveServices,
  channelId: string,
  userId: string | undefined,
): Promise<{ channel: Channel; room: Room; isPublic: boolean }> {
  const channel = live.book.get(channelId);
  const room = await live.rooms.get(channel.live.roomId);
  const isWatched = room && (await mayWatchChannel(live, channel.live, room, userId));
  if (!isWatched) throw notFound('There is no such channel');
  return { channel, room, isPublic: mayWatch(room, undefined) };
}
