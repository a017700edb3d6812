import Type from 'typebox';
import { liveAction } from '../live-action.ts';
import { color } from './argument-schemas.ts';

/** `POST …/channels/{channel}/announcements` */
export const announce = liveAction({
  name: 'announce',
  does: 'announce',
  summary: 'Says something to all viewers',
  method: 'post',
  path: '/announcements',
  args: Type.Object({ body: Type.String({ minLength: 1, maxLength: 500 }), color }),
  async run({ control }, by, { live }, args) {
    return { event_id: await control.announce(by.userId, live, args.body, args.color ?? 'primary') };
  },
});
