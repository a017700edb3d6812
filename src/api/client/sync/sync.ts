import Type from 'typebox';
import { endpoint } from '../../../http/endpoint.ts';
import { jsonText } from '../../../http/reply.ts';
import type { Filters } from '../../../services/filters/filters.ts';
import type { Sync } from '../../../services/sync/sync.ts';

/** `GET /_matrix/client/v3/sync` · https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3sync */
export const sync = endpoint({
  name: 'sync',
  summary: 'What has happened since the last sync; waits for something to happen if nothing has',
  method: 'get',
  paths: ['/_matrix/client/r0/sync', '/_matrix/client/v3/sync'],
  auth: 'accessToken',
  rateLimit: false,
  allow: { guests: true, suspended: true },
  longPoll: true,
  query: Type.Object({
    filter: Type.Optional(Type.String()),
    since: Type.Optional(Type.String()),
    full_state: Type.Optional(Type.Boolean()),
    set_presence: Type.Optional(
      Type.Union([Type.Literal('offline'), Type.Literal('online'), Type.Literal('unavailable')]),
    ),
    timeout: Type.Optional(Type.Integer({ minimum: 0 })),
    use_state_after: Type.Optional(Type.Boolean()),
    'org.matrix.msc4222.use_state_after': Type.Optional(Type.Boolean()),
  }),
  async handle({ query, requester, request }, services: { sync: Sync; filters: Filters }) {
    const filter = await services.filters.resolve(requester.userId, query.filter);
    const text = await services.sync.sync({
      userId: requester.userId,
      deviceId: requester.deviceId ?? '',
      since: query.since || undefined,
      timeout: query.timeout ?? 0,
      fullState: query.full_state ?? false,
      filter,
      stateAfter: query.use_state_after
        ? 'state_after'
        : query['org.matrix.msc4222.use_state_after']
          ? 'org.matrix.msc4222.state_after'
          : undefined,
      setPresence: query.set_presence,
      whenOver: (callback) => request.whenOver(callback),
    });
    return jsonText(text);
  },
});
