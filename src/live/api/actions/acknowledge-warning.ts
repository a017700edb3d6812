import Type from 'typebox';
import { liveAction } from '../live-action.ts';

/** `POST …/channels/{channel}/warnings/acknowledge` */
export const acknowledgeWarning = liveAction({
  name: 'acknowledgeWarning',
  does: 'ack',
  summary: 'Accepts a warning',
  method: 'post',
  path: '/warnings/acknowledge',
  args: Type.Object({}),
  async run({ moderation }, by, { live }) {
    await moderation.acknowledge(by.userId, live);
    return {};
  },
});
