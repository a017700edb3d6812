import Type from 'typebox';
import { liveAction } from '../live-action.ts';

/** `GET …/channels/{channel}/filters/terms` */
export const getTerms = liveAction({
  name: 'getTerms',
  does: 'terms',
  summary: 'The words and phrases that are blocked or held',
  method: 'get',
  path: '/filters/terms',
  args: Type.Object({}),
  async run({ moderation }, by, { live }) {
    const rows = await moderation.terms(by.userId, live);
    return {
      terms: rows.map(({ pattern, action, expires, by_user, created_at }) => ({
        ...{ pattern, action, by: by_user, created_at },
        ...(expires === null ? {} : { expires }),
      })),
    };
  },
});
