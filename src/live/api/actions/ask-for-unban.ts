import Type from 'typebox';
import { liveAction } from '../live-action.ts';

/** `POST …/channels/{channel}/unban_requests` */
export const askForUnban = liveAction({
  name: 'askForUnban',
  does: 'appeal',
  summary: 'Asks the moderators to take a ban back',
  method: 'post',
  path: '/unban_requests',
  args: Type.Object({ message: Type.String({ minLength: 1, maxLength: 500 }) }),
  async run({ unbanRequests }, by, { live }, args) {
    return unbanRequests.ask(by.userId, live, args.message);
  },
});
