import Type from 'typebox';
import { liveAction } from '../live-action.ts';

/** `POST …/channels/{channel}/polls` */
export const beginPoll = liveAction({
  name: 'beginPoll',
  does: 'poll',
  summary: 'Asks the viewers something',
  method: 'post',
  path: '/polls',
  args: Type.Object({
    question: Type.String({ minLength: 1, maxLength: 200 }),
    answers: Type.Array(Type.String({ minLength: 1, maxLength: 100 }), { minItems: 2, maxItems: 10 }),
    seconds: Type.Integer({ minimum: 1, maximum: 1800, default: 60 }),
  }),
  async run({ polls }, by, { live }, args) {
    const { question, answers, seconds } = args;
    return { poll_id: await polls.begin(by.userId, live, question, answers, seconds * 1000) };
  },
});
