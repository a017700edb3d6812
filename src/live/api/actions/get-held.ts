import Type from 'typebox';
import { heldJson } from '../../services/held-messages.ts';
import { liveAction } from '../live-action.ts';

/** `GET …/channels/{channel}/held` */
export const getHeld = liveAction({
  name: 'getHeld',
  does: 'held',
  summary: 'Messages that wait for a moderator',
  method: 'get',
  path: '/held',
  args: Type.Object({}),
  async run({ moderation }, by, { live }) {
    return { held: (await moderation.held(by.userId, live)).map(heldJson) };
  },
});
