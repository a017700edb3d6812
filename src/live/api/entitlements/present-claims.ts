import Type from 'typebox';
import { endpoint } from '../../../http/endpoint.ts';
import { unrecognized } from '../../../protocol/errors.ts';
import type { LiveServices } from '../../live-services.ts';
import { CHANNEL_PATH, EXTENSION } from '../paths.ts';

/** `PUT …/channels/{channel}/claims` */
export const presentClaims = endpoint({
  name: 'presentLiveClaims',
  extension: EXTENSION,
  summary: 'Brings claims along that the platform has signed for the requester in this channel',
  method: 'put',
  paths: [`${CHANNEL_PATH}/claims`],
  auth: 'accessToken',
  rateLimit: 'general',
  body: Type.Object({ token: Type.String({ minLength: 1 }) }),
  async handle({ params, body, requester }, { live }: { live: LiveServices }) {
    const { live: room } = live.book.get(params.channel);
    if (!live.signedClaims) throw unrecognized();
    await live.signedClaims.present(body.token, requester.userId, room.channelId);
    return live.access.standing(room, requester.userId);
  },
});
