import Type from 'typebox';
import { liveAction } from '../live-action.ts';
import { user } from './argument-schemas.ts';

/** `POST …/channels/{channel}/clear` */
export const clearChat = liveAction({
  name: 'clearChat',
  does: 'clear',
  summary: 'Empties the chat, or takes out what one user said',
  method: 'post',
  path: '/clear',
  args: Type.Object({ user: Type.Optional(user) }),
  async run({ clearing }, by, { live }, args) {
    if (args.user === undefined) await clearing.clear(by.userId, live);
    else await clearing.purge(by.userId, live, args.user);
    return {};
  },
});
