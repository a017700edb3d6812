import Type from 'typebox';
import { endpoint } from '../../../http/endpoint.ts';
import type { LiveServices } from '../../live-services.ts';
import { CHANNEL_PATH, EXTENSION } from '../paths.ts';

/** `POST …/channels/{channel}/messages` */
export const sendLiveMessage = endpoint({
  name: 'sendLiveMessage',
  extension: EXTENSION,
  summary: 'Chats, as by the gateway: whoever is not in the room joins it with the first message that gets in',
  method: 'post',
  paths: [`${CHANNEL_PATH}/messages`],
  auth: 'accessToken',
  rateLimit: 'message',
  body: Type.Object({
    txn: Type.String({ minLength: 1, maxLength: 64 }),
    body: Type.String({ minLength: 1 }),
    reply: Type.Optional(Type.String({ maxLength: 255 })),
    me: Type.Optional(Type.Boolean()),
  }),
  async handle({ params, body, requester }, { live }: { live: LiveServices }) {
    const { userId, deviceId = '' } = requester;
    const sent = await live.chat.send(live.book.get(params.channel).live, { userId, deviceId }, body);
    return { event_id: sent.eventId, ...(sent.seq === undefined ? {} : { seq: sent.seq }), selected: sent.isShown };
  },
});
