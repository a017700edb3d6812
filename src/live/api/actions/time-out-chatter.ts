import Type from 'typebox';
import { liveAction } from '../live-action.ts';
import { reason, user } from './argument-schemas.ts';

/** `POST …/channels/{channel}/timeouts` */
export const timeOutChatter = liveAction({
  name: 'timeOutChatter',
  does: 'timeout',
  summary: 'Keeps a user from chatting for a time',
  method: 'post',
  path: '/timeouts',
  args: Type.Object({
    user,
    seconds: Type.Integer({ minimum: 1, maximum: 1_209_600 }),
    reason,
    purge: Type.Optional(Type.Boolean()),
  }),
  async run({ moderation, clearing }, by, { live }, args) {
    await moderation.timeOut(by.userId, live, args.user, args.seconds * 1000, args.reason ?? '');
    await clearing.hide(live, args.user, args.seconds);
    if (args.purge === true) await clearing.redactAll(live, args.user);
    return {};
  },
});
