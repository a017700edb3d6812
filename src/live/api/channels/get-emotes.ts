import { endpoint } from '../../../http/endpoint.ts';
import { json } from '../../../http/reply.ts';
import type { LiveServices } from '../../live-services.ts';
import { CHANNEL_PATH, EXTENSION } from '../paths.ts';
import { watchedRoom } from '../watching.ts';

/** `GET …/channels/{channel}/emotes` */
export const getEmotes = endpoint({
  name: 'getLiveEmotes',
  extension: EXTENSION,
  summary: 'The emotes of a channel, by the words that people type',
  method: 'get',
  paths: [`${CHANNEL_PATH}/emotes`],
  auth: 'optional',
  rateLimit: 'general',
  async handle({ params, requester }, { live }: { live: LiveServices }) {
    const { room, isPublic } = await watchedRoom(live, params.channel, requester?.userId);
    const emotes = [...live.emotes.of(room)].map(([word, { id, mxc }]) => ({ word, id, mxc }));
    return json(200, { emotes }, { 'Cache-Control': isPublic ? 'public, max-age=60' : 'private, no-store' });
  },
});
