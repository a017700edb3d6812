import Type from 'typebox';
import { endpoint } from '../../../http/endpoint.ts';
import { jsonText } from '../../../http/reply.ts';
import { missingParam } from '../../../protocol/errors.ts';
import type { Filters } from '../../../services/filters/filters.ts';
import type { MessageSearch } from '../../../services/search/message-search.ts';

const KEYS = { 'content.body': 0, 'content.name': 1, 'content.topic': 2 } as const;

const limit = Type.Optional(Type.Integer({ minimum: 0 }));
const roomEvents = Type.Object({
  search_term: Type.String(),
  keys: Type.Optional(Type.Array(Type.Enum(['content.body', 'content.name', 'content.topic']), { maxItems: 3 })),
  filter: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
  order_by: Type.Optional(Type.Enum(['recent', 'rank'])),
  event_context: Type.Optional(
    Type.Object({ before_limit: limit, after_limit: limit, include_profile: Type.Optional(Type.Boolean()) }),
  ),
  include_state: Type.Optional(Type.Boolean()),
  groupings: Type.Optional(
    Type.Object({
      group_by: Type.Optional(Type.Array(Type.Object({ key: Type.Enum(['room_id', 'sender']) }), { maxItems: 2 })),
    }),
  ),
});

/** `POST /_matrix/client/v3/search` · https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3search */
export const search = endpoint({
  name: 'search',
  summary: 'Finds messages by their words',
  method: 'post',
  paths: ['/_matrix/client/r0/search', '/_matrix/client/v3/search'],
  auth: 'accessToken',
  rateLimit: 'search',
  allow: { suspended: true },
  query: Type.Object({ next_batch: Type.Optional(Type.String()) }),
  body: Type.Object({ search_categories: Type.Object({ room_events: Type.Optional(roomEvents) }) }),
  async handle(
    { body, query, requester },
    { messageSearch, filters }: { messageSearch: MessageSearch; filters: Pick<Filters, 'resolveRoomEvents'> },
  ) {
    const asked = body.search_categories.room_events;
    if (!asked) throw missingParam('search_categories.room_events is missing');
    const { event_context: context } = asked;
    return jsonText(
      await messageSearch.search(requester, {
        term: asked.search_term,
        keys: (asked.keys ?? (['content.body', 'content.name', 'content.topic'] as const)).map((key) => KEYS[key]),
        filter: filters.resolveRoomEvents(asked.filter && JSON.stringify(asked.filter)),
        order: asked.order_by ?? 'rank',
        context: context && {
          before: context.before_limit ?? 5,
          after: context.after_limit ?? 5,
          includeProfile: context.include_profile ?? false,
        },
        includeState: asked.include_state ?? false,
        groupBy: (asked.groupings?.group_by ?? []).map(({ key }) => key),
        nextBatch: query.next_batch,
      }),
    );
  },
});
