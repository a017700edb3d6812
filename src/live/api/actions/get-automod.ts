import Type from 'typebox';
import { liveAction } from '../live-action.ts';

/** `GET …/channels/{channel}/filters/automod` */
export const getAutomod = liveAction({
  name: 'getAutomod',
  does: 'automod',
  summary: 'How much of which words the channel takes',
  method: 'get',
  path: '/filters/automod',
  args: Type.Object({}),
  run: ({ automod }, by, { live }) => automod.get(by.userId, live),
});
