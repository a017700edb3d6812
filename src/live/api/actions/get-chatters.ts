import Type from 'typebox';
import { requireModerator } from '../../services/channel-powers.ts';
import { liveAction } from '../live-action.ts';

/** `GET …/channels/{channel}/chatters` */
export const getChatters = liveAction({
  name: 'getChatters',
  does: 'chatters',
  summary: 'Who wrote in the last ten minutes; never who watches',
  method: 'get',
  path: '/chatters',
  args: Type.Object({}),
  async run({ rooms, clock }, by, { live }) {
    const { room } = await requireModerator(rooms, by.userId, live);
    const since = clock.now() - 600_000;
    const recent = room.recent.filter(
      ({ type, originServerTs }) => type === 'm.room.message' && originServerTs >= since,
    );
    return { chatters: [...new Set(recent.map(({ sender }) => sender))] };
  },
});
