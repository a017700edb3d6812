/**
 * How a live room is made: an ordinary public room that Element understands, with a marker. The service user of the
 * server creates it, so that in a room of version 12 the server can always take it back into its hands.
 */
import type { JsonObject } from '../../protocol/json.ts';
import { LIVE_EVENT, markerOfClosed } from './channel-state.ts';
import { SETTINGS_EVENT } from './settings.ts';
import { SHIELD_EVENT } from './shield.ts';

export const PIN_EVENT = 'online.beamify.live.pin';

export interface RecipeSpec {
  readonly channelId: string;
  /** Who streams. */
  readonly streamer: string;
  readonly name: string;
  readonly title: string;
  /** What the server's rooms of streams go by, as `beamify.online`. */
  readonly serverName: string;
  /** The key by which this server signs as the room's policy server, in unpadded base64; undefined: there is none. */
  readonly policyKey: string | undefined;
  /** Milliseconds that messages are kept. */
  readonly retentionMs: number;
  readonly moderators: readonly string[];
  readonly vips: readonly string[];
  /** Whether only members watch: the room is one by invitation, and nobody reads what was said before they came. */
  readonly isForMembers?: boolean | undefined;
}

/** The levels of a live room. Nothing needs more than 100: above it nobody may send at all. */
const STREAMER = 100;
const MODERATOR = 50;
const VIP = 10;
const NOBODY = 1000;

/** The body of the request that makes the room; who asks is the service user. */
export function recipeOf(spec: RecipeSpec) {
  return {
    // From this version on the creator of a room outranks all others, for good.
    room_version: '12',
    visibility: spec.isForMembers === true ? ('private' as const) : ('public' as const),
    preset: spec.isForMembers === true ? ('private_chat' as const) : ('public_chat' as const),
    name: spec.name,
    topic: spec.title,
    power_level_content_override: powerLevelsOf(spec),
    initial_state: initialStateOf(spec),
  };
}

/** Also what the levels of a live room have to be after a moderator was appointed. */
export function powerLevelsOf({ streamer, moderators, vips }: RecipeSpec): JsonObject {
  const users = new Map<string, number>();
  for (const vip of vips) users.set(vip, VIP);
  for (const moderator of moderators) users.set(moderator, MODERATOR);
  users.set(streamer, STREAMER);
  return {
    users: Object.fromEntries(users),
    users_default: 0,
    events_default: 0,
    state_default: STREAMER,
    ...{ ban: MODERATOR, kick: MODERATOR, redact: MODERATOR, invite: MODERATOR },
    events: {
      [SETTINGS_EVENT]: MODERATOR,
      [SHIELD_EVENT]: MODERATOR,
      [PIN_EVENT]: MODERATOR,
      'm.room.pinned_events': MODERATOR,
      'm.poll.start': MODERATOR,
      'org.matrix.msc3381.poll.start': MODERATOR,
      'm.poll.end': MODERATOR,
      'org.matrix.msc3381.poll.end': MODERATOR,
      'm.reaction': 0,
      // Nobody could moderate what nobody can read.
      'm.room.encryption': NOBODY,
    },
    notifications: { room: MODERATOR },
  };
}

function initialStateOf(spec: RecipeSpec): { type: string; content: JsonObject }[] {
  const { channelId, streamer, name, title, serverName, policyKey, retentionMs } = spec;
  const channel = { id: channelId, creator: streamer, name };
  const isClosed = spec.isForMembers === true;
  const marker = { v: 1, channel, status: 'offline', title, viewers: 'anyone', gateway: { via: serverName } };
  const state: { type: string; content: JsonObject }[] = [
    { type: 'm.room.history_visibility', content: { history_visibility: isClosed ? 'joined' : 'world_readable' } },
    // Those without an account watch by the gateway.
    { type: 'm.room.guest_access', content: { guest_access: 'forbidden' } },
    { type: 'm.room.server_acl', content: { allow: ['*'], deny: [], allow_ip_literals: false } },
    { type: 'm.room.retention', content: { max_lifetime: retentionMs } },
    { type: LIVE_EVENT, content: isClosed ? markerOfClosed(marker) : marker },
    { type: SETTINGS_EVENT, content: {} },
  ];
  if (policyKey !== undefined) {
    state.push({ type: 'm.room.policy', content: { via: serverName, public_keys: { ed25519: policyKey } } });
  }
  return state;
}
