import Type from 'typebox';
import { liveAction } from '../live-action.ts';

/** `POST …/channels/{channel}/rollover` */
export const moveChannel = liveAction({
  name: 'moveChannel',
  does: 'rollover',
  summary: 'Moves the channel to a new room',
  method: 'post',
  path: '/rollover',
  args: Type.Object({}),
  async run({ rollover }, by, channel) {
    return { room_id: await rollover.move(by.userId, channel) };
  },
});
