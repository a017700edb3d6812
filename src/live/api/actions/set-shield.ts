import Type from 'typebox';
import { jsonObject } from '../../../http/schemas.ts';
import { liveAction } from '../live-action.ts';

/** `PUT …/channels/{channel}/shield` */
export const setShield = liveAction({
  name: 'setShield',
  does: 'shield',
  summary: 'Makes the chat stricter at once, or as it was',
  method: 'put',
  path: '/shield',
  args: Type.Object({
    active: Type.Boolean(),
    seconds: Type.Optional(Type.Integer({ minimum: 1, maximum: 604_800 })),
    preset: Type.Optional(jsonObject),
  }),
  async run({ control }, by, { live }, args) {
    const forMs = args.seconds === undefined ? undefined : args.seconds * 1000;
    await control.setShield(by.userId, live, args.active, forMs, args.preset);
    return {};
  },
});
