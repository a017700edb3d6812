import Type from 'typebox';
import { liveAction } from '../live-action.ts';

/** `DELETE …/channels/{channel}/mod_room` */
export const closeModRoom = liveAction({
  name: 'closeModRoom',
  does: 'mod_room_close',
  summary: 'Parts the channel from the room of its moderators, into which nothing is written any more',
  method: 'delete',
  path: '/mod_room',
  args: Type.Object({}),
  async run({ modRooms }, by, { live }) {
    await modRooms.close(by.userId, live);
    return {};
  },
});
