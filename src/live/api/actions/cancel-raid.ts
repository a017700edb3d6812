import Type from 'typebox';
import { liveAction } from '../live-action.ts';

/** `DELETE …/channels/{channel}/raid` */
export const cancelRaid = liveAction({
  name: 'cancelRaid',
  does: 'unraid',
  summary: 'Calls a raid off',
  method: 'delete',
  path: '/raid',
  args: Type.Object({}),
  async run({ raids }, by, { live }) {
    await raids.cancel(by.userId, live);
    return {};
  },
});
