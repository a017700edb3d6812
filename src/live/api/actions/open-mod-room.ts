import Type from 'typebox';
import { liveAction } from '../live-action.ts';

/** `POST …/channels/{channel}/mod_room` */
export const openModRoom = liveAction({
  name: 'openModRoom',
  does: 'mod_room',
  summary: 'Makes the private room of the moderators, or invites those who are missing there',
  method: 'post',
  path: '/mod_room',
  rateLimit: 'roomCreation',
  args: Type.Object({}),
  async run({ modRooms }, by, channel) {
    return { room_id: await modRooms.open(by.userId, channel) };
  },
});
