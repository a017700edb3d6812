import Type from 'typebox';
import { liveAction } from '../live-action.ts';

/** `POST …/channels/{channel}/overlay_keys` */
export const createOverlayKey = liveAction({
  name: 'createOverlayKey',
  does: 'overlay_key',
  summary: 'A key by which an overlay reads the channel',
  method: 'post',
  path: '/overlay_keys',
  args: Type.Object({}),
  async run({ overlayKeys }, by, { live }) {
    const { key, expiresAt } = await overlayKeys.create(by.userId, live);
    return { key, expires_at: expiresAt };
  },
});
