import Type from 'typebox';
import { liveAction } from '../live-action.ts';

/** `DELETE …/channels/{channel}/filters/terms` */
export const deleteTerm = liveAction({
  name: 'deleteTerm',
  does: 'term_remove',
  summary: 'Allows a word or phrase again',
  method: 'delete',
  path: '/filters/terms',
  args: Type.Object({ pattern: Type.String({ minLength: 1, maxLength: 200 }) }),
  async run({ moderation }, by, { live }, args) {
    await moderation.removeTerm(by.userId, live, args.pattern);
    return {};
  },
});
