import Type from 'typebox';
import type { JsonObject } from '../../../protocol/json.ts';
import { liveAction } from '../live-action.ts';

/** `PUT …/channels/{channel}/filters/automod` */
export const putAutomod = liveAction({
  name: 'putAutomod',
  does: 'automod_set',
  summary: 'Sets how much of which words the channel takes, and whether the rest is held or refused',
  method: 'put',
  path: '/filters/automod',
  args: Type.Object({
    levels: Type.Unsafe<JsonObject>({ type: 'object' }),
    action: Type.Optional(Type.Union([Type.Literal('hold'), Type.Literal('block')])),
  }),
  async run({ automod }, by, { live }, { levels, action = 'hold' }) {
    await automod.set(by.userId, live, levels, action);
    return {};
  },
});
