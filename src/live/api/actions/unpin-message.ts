import Type from 'typebox';
import { liveAction } from '../live-action.ts';

/** `DELETE …/channels/{channel}/pin` */
export const unpinMessage = liveAction({
  name: 'unpinMessage',
  does: 'unpin',
  summary: 'Takes the pin down',
  method: 'delete',
  path: '/pin',
  args: Type.Object({}),
  async run({ control }, by, { live }) {
    await control.unpin(by.userId, live);
    return {};
  },
});
