import Type from 'typebox';
import { liveAction } from '../live-action.ts';
import { eventId, reason } from './argument-schemas.ts';

/** `DELETE …/channels/{channel}/messages/{event}` */
export const deleteLiveMessage = liveAction({
  name: 'deleteLiveMessage',
  does: 'delete',
  summary: 'Takes a message out',
  method: 'delete',
  path: '/messages/{event}',
  args: Type.Object({ event: eventId, reason }),
  async run({ control }, by, { live }, args) {
    await control.remove(by.userId, live, args.event, args.reason);
    return {};
  },
});
