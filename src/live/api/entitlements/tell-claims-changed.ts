import { createHash, timingSafeEqual } from 'node:crypto';
import Type from 'typebox';
import { endpoint } from '../../../http/endpoint.ts';
import { forbidden, unrecognized } from '../../../protocol/errors.ts';
import type { LiveServices } from '../../live-services.ts';
import { EXTENSION, LIVE_PATH } from '../paths.ts';

/** `POST …/live/entitlements/changed`: told again it does nothing more. */
export const tellClaimsChanged = endpoint({
  name: 'tellLiveClaimsChanged',
  extension: EXTENSION,
  summary: 'The platform says that what it says of a user has changed, in one channel or in all',
  method: 'post',
  paths: [`${LIVE_PATH}/entitlements/changed`],
  auth: 'none',
  rateLimit: 'general',
  body: Type.Object({
    user_id: Type.String({ minLength: 1, maxLength: 255 }),
    channel: Type.Optional(Type.String({ minLength: 1, maxLength: 255 })),
  }),
  async handle({ body, request }, { live }: { live: LiveServices }) {
    const { webhookToken } = live;
    if (webhookToken === undefined) throw unrecognized();
    const given = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? '';
    if (!timingSafeEqual(digest(given), digest(webhookToken))) throw forbidden('This token is not valid here');
    live.entitlements.changed(body.user_id, body.channel);
    return {};
  },
});

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
