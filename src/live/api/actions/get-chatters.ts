import Type from 'typebox';
import { requireModerator } from '../../services/channel-powers.ts';
import { liveAction } from '../live-action.ts';

const SINCE_MS = 600_000;

/** `GET …/channels/{channel}/chatters` */
export const getChatters = liveAction({
  name: 'getChatters',
  does: 'chatters',
  summary: 'Who wrote in the last ten minutes; never who watches',
  method: 'get',
  path: '/chatters',
  args: Type.Object({}),
  async run({ rooms, clock, clearing }, by, { live }) {
    const { room } = await requireModerator(rooms, by.userId, live);
    return { chatters: await clearing.speakersOf(room, clock.now() - SINCE_MS) };
  },
});
