import Type from 'typebox';
import { liveAction } from '../live-action.ts';
import { eventId } from './argument-schemas.ts';

/** `POST …/channels/{channel}/polls/{poll}/end` */
export const endPoll = liveAction({
  name: 'endPoll',
  does: 'poll_end',
  summary: 'Ends a poll before its time',
  method: 'post',
  path: '/polls/{poll}/end',
  args: Type.Object({ poll: eventId }),
  async run({ polls }, by, { live }, args) {
    return polls.end(by.userId, live, args.poll);
  },
});
