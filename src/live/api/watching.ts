/** Reading a channel by HTTP: the same rules as at the gateway. */
import { notFound } from '../../protocol/errors.ts';
import type { OpenChannel } from '../hub/channels.ts';
import type { LiveServices } from '../live-services.ts';
import type { Channel } from '../services/channel-book.ts';

/** @throws M_NOT_FOUND also where there is such a channel that the requester may not watch */
export async function watchedChannel(
  live: LiveServices,
  channelId: string,
  userId: string | undefined,
): Promise<{ channel: Channel; open: OpenChannel }> {
  const account = userId === undefined ? undefined : { userId, deviceId: '' };
  const open = await live.access.channel(channelId, account);
  if (!open) throw notFound('There is no such channel');
  return { channel: live.book.get(channelId), open };
}
