import Type from 'typebox';
import { liveAction } from '../live-action.ts';
import { eventId, reason } from './argument-schemas.ts';

/** `POST …/channels/{channel}/reports` */
export const reportLiveMessage = liveAction({
  name: 'reportLiveMessage',
  does: 'report',
  summary: 'Tells the moderators of a message',
  method: 'post',
  path: '/reports',
  args: Type.Object({ event: eventId, reason }),
  async run({ log, liveChannels, names }, by, { live }, args) {
    const eventId = await names.eventIdOf(live, args.event);
    const detail = { event_id: eventId, reason: args.reason ?? '' };
    await log.note(by.userId, live, 'report', eventId, detail);
    liveChannels.opened(live)?.lane.publish('report', { ...detail, by: by.userId });
    return {};
  },
});
