import Type from 'typebox';
import { liveAction } from '../live-action.ts';

/** `POST …/channels/{channel}/unban_requests/{request}` */
export const decideUnbanRequest = liveAction({
  name: 'decideUnbanRequest',
  does: 'appeal_decide',
  summary: 'Decides on a request to take a ban back',
  method: 'post',
  path: '/unban_requests/{request}',
  args: Type.Object({
    request: Type.String({ maxLength: 64 }),
    action: Type.Enum(['approve', 'deny']),
    answer: Type.Optional(Type.String({ maxLength: 500 })),
  }),
  async run({ unbanRequests }, by, { live }, args) {
    const { request, action, answer = '' } = args;
    await unbanRequests.decide(by.userId, live, request, action === 'approve', answer);
    return {};
  },
});
