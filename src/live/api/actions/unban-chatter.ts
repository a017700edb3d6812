import Type from 'typebox';
import { liveAction } from '../live-action.ts';
import { user } from './argument-schemas.ts';

/** `DELETE …/channels/{channel}/bans/{user}` */
export const unbanChatter = liveAction({
  name: 'unbanChatter',
  does: 'unban',
  summary: 'Takes a ban back',
  method: 'delete',
  path: '/bans/{user}',
  args: Type.Object({ user }),
  async run({ control }, by, { live }, args) {
    await control.unban(by.userId, live, args.user);
    return {};
  },
});
