import Type from 'typebox';
import { liveAction } from '../live-action.ts';

/** `DELETE …/channels/{channel}/overlay_keys` */
export const revokeOverlayKeys = liveAction({
  name: 'revokeOverlayKeys',
  does: 'overlay_revoke',
  summary: 'Takes all keys of overlays back',
  method: 'delete',
  path: '/overlay_keys',
  args: Type.Object({}),
  async run({ overlayKeys }, by, { live }) {
    await overlayKeys.revoke(by.userId, live);
    return {};
  },
});
