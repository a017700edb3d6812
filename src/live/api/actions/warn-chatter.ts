import Type from 'typebox';
import { liveAction } from '../live-action.ts';
import { user } from './argument-schemas.ts';

/** `POST …/channels/{channel}/warnings` */
export const warnChatter = liveAction({
  name: 'warnChatter',
  does: 'warn',
  summary: 'Has a user read and accept a warning before chatting on',
  method: 'post',
  path: '/warnings',
  args: Type.Object({ user, reason: Type.String({ minLength: 1, maxLength: 1000 }) }),
  async run({ moderation }, by, { live }, args) {
    await moderation.warn(by.userId, live, args.user, args.reason);
    return {};
  },
});
