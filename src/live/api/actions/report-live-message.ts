import Type from 'typebox';
import { liveAction } from '../live-action.ts';
import { watchedRoom } from '../watching.ts';
import { eventId, reason } from './argument-schemas.ts';

/** `POST …/channels/{channel}/reports` */
export const reportLiveMessage = liveAction({
  name: 'reportLiveMessage',
  does: 'report',
  summary: 'Tells the moderators of a message',
  method: 'post',
  path: '/reports',
  args: Type.Object({ event: eventId, reason }),
  async run(services, by, { live }, args) {
    const { log, liveChannels, names } = services;
    // Of what somebody may not see there is nothing to tell.
    await watchedRoom(services, live.channelId, by.userId);
    const eventId = await names.eventIdOf(live, args.event);
    const detail = { event_id: eventId, reason: args.reason ?? '' };
    await log.note(by.userId, live, 'report', eventId, detail);
    liveChannels.opened(live)?.lane.publish('report', { ...detail, by: by.userId });
    return {};
  },
});
