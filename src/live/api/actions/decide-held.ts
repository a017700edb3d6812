import Type from 'typebox';
import { liveAction } from '../live-action.ts';

/** `POST …/channels/{channel}/held/{held}` */
export const decideHeld = liveAction({
  name: 'decideHeld',
  does: 'decide',
  summary: 'Lets a held message in, or refuses it',
  method: 'post',
  path: '/held/{held}',
  args: Type.Object({
    held: Type.String({ maxLength: 64 }),
    action: Type.Union([Type.Literal('allow'), Type.Literal('deny')]),
  }),
  async run({ moderation }, by, { live }, args) {
    const state = args.action === 'allow' ? 'allowed' : 'denied';
    const eventId = await moderation.decideHeld(by.userId, live, args.held, state);
    return eventId === undefined ? {} : { event_id: eventId };
  },
});
