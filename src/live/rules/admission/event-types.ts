/** Which events a live room takes: those of a list, for anything else would pass by the filters and the moderators. */

/** `chat` goes through all steps, `redaction`, `member` and `state` only through those that ask who it is. */
export type EventClass = 'chat' | 'redaction' | 'member' | 'state' | 'refused';

const CHAT = new Set(['m.room.message', 'm.sticker', 'm.reaction']);
const POLL = /^(?:m\.|org\.matrix\.msc3381\.)poll\.(?:start|response|end)$/;

/**
 * State that the recipe of the room lets its streamer and moderators write. No tombstone is among it: a room that is left
 * behind by other means than a rollover has a channel where nobody can chat.
 */
const STATE = new Set([
  ...['online.beamify.live', 'online.beamify.live.settings', 'online.beamify.live.shield', 'online.beamify.live.pin'],
  ...['m.room.history_visibility', 'm.room.join_rules'],
  ...['m.room.power_levels', 'm.room.pinned_events', 'm.room.name', 'm.room.topic', 'm.room.avatar'],
  ...['m.room.canonical_alias', 'm.room.server_acl', 'm.room.policy', 'm.room.retention'],
  ...[
    'm.room.third_party_invite',
    'm.space.parent',
    'im.vector.modular.widgets',
    'im.ponies.room_emotes',
    'm.image_pack',
  ],
]);

/** What kind of event it is; `m.room.encrypted` is refused, for nobody could moderate it. */
export function classOf(type: string, isState: boolean): EventClass {
  if (isState) {
    if (type === 'm.room.member') return 'member';
    return STATE.has(type) ? 'state' : 'refused';
  }
  if (type === 'm.room.redaction') return 'redaction';
  return CHAT.has(type) || POLL.test(type) ? 'chat' : 'refused';
}
