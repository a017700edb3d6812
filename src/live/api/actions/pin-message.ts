import Type from 'typebox';
import { liveAction } from '../live-action.ts';
import { eventId } from './argument-schemas.ts';

/** `PUT …/channels/{channel}/pin` */
export const pinMessage = liveAction({
  name: 'pinMessage',
  does: 'pin',
  summary: 'Pins a message for a time',
  method: 'put',
  path: '/pin',
  args: Type.Object({ event_id: eventId, seconds: Type.Optional(Type.Integer({ minimum: 1, maximum: 86_400 })) }),
  async run({ control }, by, { live }, args) {
    const ms = args.seconds === undefined ? undefined : args.seconds * 1000;
    await control.pin(by.userId, live, args.event_id, ms);
    return {};
  },
});
