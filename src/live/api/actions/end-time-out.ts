import Type from 'typebox';
import { liveAction } from '../live-action.ts';
import { user } from './argument-schemas.ts';

/** `DELETE …/channels/{channel}/timeouts/{user}` */
export const endTimeOut = liveAction({
  name: 'endTimeOut',
  does: 'untimeout',
  summary: 'Lets a user chat again',
  method: 'delete',
  path: '/timeouts/{user}',
  args: Type.Object({ user }),
  async run({ moderation }, by, { live }, args) {
    await moderation.endTimeOut(by.userId, live, args.user);
    return {};
  },
});
