import Type from 'typebox';
import { liveAction } from '../live-action.ts';

/** `PUT …/channels/{channel}/filters/terms` */
export const putTerm = liveAction({
  name: 'putTerm',
  does: 'term_add',
  summary: 'Blocks or holds messages with a word or phrase',
  method: 'put',
  path: '/filters/terms',
  args: Type.Object({
    pattern: Type.String({ minLength: 1, maxLength: 200 }),
    action: Type.Union([Type.Literal('hold'), Type.Literal('block')]),
    expires: Type.Optional(Type.Integer({ minimum: 0 })),
  }),
  async run({ moderation }, by, { live }, args) {
    const { pattern, action, expires } = args;
    await moderation.putTerm(by.userId, live, { pattern, action, expires: expires ?? null });
    return {};
  },
});
