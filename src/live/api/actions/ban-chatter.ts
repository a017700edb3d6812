import Type from 'typebox';
import { liveAction } from '../live-action.ts';
import { reason, user } from './argument-schemas.ts';

/** `POST …/channels/{channel}/bans` */
export const banChatter = liveAction({
  name: 'banChatter',
  does: 'ban',
  summary: 'Bans a user from the channel',
  method: 'post',
  path: '/bans',
  args: Type.Object({ user, reason, purge: Type.Optional(Type.Boolean()) }),
  async run({ control, clearing }, by, { live }, args) {
    await control.ban(by.userId, live, args.user, args.reason);
    if (args.purge === true) await clearing.redactAll(live, args.user);
    return {};
  },
});
