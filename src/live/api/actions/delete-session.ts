import Type from 'typebox';
import { liveAction } from '../live-action.ts';

/** `DELETE …/channels/{channel}/sessions/{session}`: done again it does nothing more. */
export const deleteSession = liveAction({
  name: 'deleteLiveSession',
  does: 'session_delete',
  summary: 'Deletes the replay of a session, as when its video is deleted; the room keeps what was said',
  method: 'delete',
  path: '/sessions/{session}',
  isForPlatform: true,
  args: Type.Object({ session: Type.String({ minLength: 1, maxLength: 64 }) }),
  async run({ replay, control }, by, channel, { session }) {
    await control.requireStreamer(by.userId, channel.live);
    await replay.deleteSession(channel, session);
    return {};
  },
});
