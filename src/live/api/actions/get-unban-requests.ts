import Type from 'typebox';
import { liveAction } from '../live-action.ts';

/** `GET …/channels/{channel}/unban_requests` */
export const getUnbanRequests = liveAction({
  name: 'getUnbanRequests',
  does: 'appeals',
  summary: 'What those who are banned ask for',
  method: 'get',
  path: '/unban_requests',
  args: Type.Object({ state: Type.Optional(Type.Enum(['open', 'approved', 'denied'])) }),
  async run({ unbanRequests }, by, { live }, args) {
    return { requests: await unbanRequests.list(by.userId, live, args.state ?? 'open') };
  },
});
