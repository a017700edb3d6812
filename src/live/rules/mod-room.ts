/** The private room of a channel's moderators: how it is made, and what is written there of what they do. */
import { stringIn } from '../../protocol/events/content-readers.ts';
import { isJsonObject, type JsonObject } from '../../protocol/json.ts';
import { MODERATOR_POWER } from './standing.ts';

/** Where a line of the log says what it is about. Only the server writes it. */
export const MOD_LOG_BLOCK = 'online.beamify.mod.log';

/** The body of the request that makes the room; who asks is the server itself. */
export function modRoomRecipe(channelName: string, streamer: string) {
  return {
    // Only members read it; what was said before they came, too.
    preset: 'private_chat' as const,
    room_version: '12',
    name: `${channelName}: moderators`,
    topic: 'What moderators do, and what they have to say to each other',
    power_level_content_override: {
      users: { [streamer]: 100 },
      ...{ users_default: 0, events_default: 0, state_default: 100 },
      ...{ ban: 100, kick: 100, redact: 50, invite: 100 },
    },
    initial_state: [{ type: 'm.room.guest_access', content: { guest_access: 'forbidden' } }],
  };
}

/** Who moderates by these levels of the channel's room. */
export function moderatorsIn(levels: JsonObject | undefined): ReadonlySet<string> {
  const users = levels?.['users'];
  if (!isJsonObject(users)) return new Set();
  return new Set(
    Object.keys(users).filter((userId) => {
      const level = users[userId];
      return typeof level === 'number' && level >= MODERATOR_POWER;
    }),
  );
}

/** An entry of the log as a message that any client shows. */
export function modLogMessage(channelId: string, entry: JsonObject): JsonObject {
  const { by = null, action = null, target, detail = null } = entry;
  const reason = isJsonObject(detail) ? stringIn(detail, 'reason') : undefined;
  const body = [`${String(by)}: ${String(action)}`, ...(typeof target === 'string' ? [target] : [])].join(' ');
  return {
    msgtype: 'm.notice',
    body: reason === undefined || reason === '' ? body : `${body} (${reason})`,
    // Who is named in a log is not called.
    'm.mentions': {},
    [MOD_LOG_BLOCK]: { channel: channelId, ...entry },
  };
}
