import Type from 'typebox';
import { endpoint } from '../../../http/endpoint.ts';
import type { LiveServices } from '../../live-services.ts';
import { EXTENSION, LIVE_PATH } from '../paths.ts';
import { platformOf } from '../platform.ts';

/** `POST …/live/system` */
export const tellEverybody = endpoint({
  name: 'tellEverybody',
  extension: EXTENSION,
  summary: 'Tells all viewers something, and every account by a server notice',
  method: 'post',
  paths: [`${LIVE_PATH}/system`],
  auth: 'optional',
  rateLimit: 'general',
  body: Type.Object({
    level: Type.Enum(['info', 'warning', 'critical'], { default: 'info' }),
    text: Type.String({ minLength: 1, maxLength: 1000 }),
    url: Type.Optional(Type.String({ pattern: '^https://', maxLength: 500 })),
    txn: Type.String({ minLength: 1, maxLength: 64 }),
  }),
  async handle(context, { live }: { live: LiveServices }) {
    const { body } = context;
    return { accounts: await live.system.tell(platformOf(live, context).userId, body, body.txn) };
  },
});
