import Type from 'typebox';
import { liveAction } from '../live-action.ts';

/** `POST …/channels/{channel}/raid` */
export const beginRaid = liveAction({
  name: 'beginRaid',
  does: 'raid',
  summary: 'Leads the viewers on to another channel after a countdown',
  method: 'post',
  path: '/raid',
  args: Type.Object({ to: Type.String({ minLength: 1, maxLength: 64 }) }),
  async run({ raids, book }, by, channel, args) {
    return { at: await raids.begin(by.userId, channel, book.get(args.to)) };
  },
});
