import Type from 'typebox';
import { jsonObject } from '../../../http/schemas.ts';
import { liveAction } from '../live-action.ts';

/** `PATCH …/channels/{channel}/settings` */
export const changeSettings = liveAction({
  name: 'changeChatSettings',
  does: 'settings',
  summary: 'Changes settings of the chat, those that are named',
  method: 'patch',
  path: '/settings',
  args: Type.Object({ settings: jsonObject }),
  async run({ control }, by, { live }, { settings }) {
    return { settings: await control.changeSettings(by.userId, live, settings) };
  },
});
