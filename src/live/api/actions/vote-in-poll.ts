import Type from 'typebox';
import { liveAction } from '../live-action.ts';
import { eventId } from './argument-schemas.ts';

/** `PUT …/channels/{channel}/polls/{poll}/vote` */
export const voteInPoll = liveAction({
  name: 'voteInPoll',
  does: 'vote',
  summary: 'Votes in a poll, or votes anew',
  method: 'put',
  path: '/polls/{poll}/vote',
  args: Type.Object({ poll: eventId, answer: Type.Integer({ minimum: 0, maximum: 20 }) }),
  async run({ polls }, by, { live }, args) {
    await polls.vote(by.userId, live, args.poll, args.answer);
    return {};
  },
});
