/** Reading a channel by HTTP: the same rules as at the gateway. */
import { notFound } from '../../protocol/errors.ts';
import type { Room } from '../../services/timeline/room.ts';
import type { OpenChannel } from '../hub/channels.ts';
import type { LiveServices } from '../live-services.ts';
import type { Channel } from '../services/channel-book.ts';
import { isForMembers, mayWatch, mayWatchChannel } from '../services/may-watch.ts';

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
