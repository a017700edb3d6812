/** What an event of a live room is to its viewers: the entry of the channel, if it is one. */
import { powerLevels } from '../../protocol/authorization/power-levels.ts';
import { membershipIn, stringIn } from '../../protocol/events/content-readers.ts';
import { inReplyToIn, relationIn } from '../../protocol/events/relations.ts';
import { localpartOf } from '../../protocol/identifiers/parts.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../protocol/json.ts';
import type { Room } from '../../services/timeline/room.ts';
import type { StoredEvent } from '../../services/timeline/stored-event.ts';
import type { Entry } from '../hub/entry.ts';
import type { SamplingRank } from '../hub/sampling.ts';
import { LIVE_EVENT } from '../rules/channel-state.ts';
import { CHAT_BLOCK } from '../rules/chat-block.ts';
import { messageName } from '../rules/message-name.ts';
import { countsIn, readPoll } from '../rules/poll.ts';
import { PIN_EVENT } from '../rules/recipe.ts';
import { SETTINGS_EVENT } from '../rules/settings.ts';
import { SHIELD_EVENT } from '../rules/shield.ts';
import { MODERATOR_POWER } from '../rules/standing.ts';

import { NOTICE_BLOCK } from './notice-block.ts';

export interface ChannelEntry {
  readonly entry: Entry;
  /** Undefined: viewers are told for sure. */
  readonly rank: SamplingRank | undefined;
}

/** Kinds of state of which viewers are told, with what they are told by. */
const STATE_KINDS = new Map<string, 'st' | 'pn' | 'ss'>([
  [SETTINGS_EVENT, 'st'],
  [SHIELD_EVENT, 'st'],
  [PIN_EVENT, 'pn'],
  [LIVE_EVENT, 'ss'],
]);

/** An edit that comes later is for those who read the room. */
const EDIT_MS = 60_000;

/**
 * The entry of an event that has just entered the timeline; undefined for what viewers are not told of.
 * @param original the message that an edit is of, if it is known
 */
export function entryOf(
  event: StoredEvent,
  room: Room,
  streamer: string,
  original?: (eventId: string) => StoredEvent | undefined,
): ChannelEntry | undefined {
  const base = { eventId: event.eventId, userId: event.sender, position: event.position };
  if (event.stateKey !== undefined) {
    const entry = stateEntry(event);
    return entry && { entry: { ...base, ...entry }, rank: undefined };
  }
  switch (event.type) {
    case 'm.room.message':
    case 'm.sticker':
      return saidEntry(event, room, streamer, base, original);
    case 'm.poll.start':
    case 'org.matrix.msc3381.poll.start':
      return {
        entry: { ...base, kind: 'ps', fields: JSON.stringify(pollFields(event)) },
        rank: undefined,
      };
    case 'm.poll.end':
    case 'org.matrix.msc3381.poll.end': {
      const poll = relationIn(event.content)?.eventId ?? null;
      const fields = JSON.stringify({ id: event.eventId, poll, counts: countsIn(event.content) });
      return { entry: { ...base, kind: 'pe', fields }, rank: undefined };
    }
    default:
      return undefined;
  }
}

/** The entry of a deletion, which takes the text of what it deletes. */
export function deletionEntry(eventId: string): Entry {
  return { kind: 'd', fields: JSON.stringify({ id: messageName(eventId) }), buries: { eventId }, isUrgent: true };
}

function pollFields({ eventId: id, content }: StoredEvent): JsonObject {
  const poll = readPoll(content);
  if (!poll) return { id, poll: content };
  const { question, answers, endsAt } = poll;
  const ends = endsAt === undefined ? {} : { ends_at: endsAt };
  return { id, question, answers: answers.map(({ text }) => text), ...ends, poll: content };
}

function stateEntry({ type, stateKey, content }: StoredEvent): Omit<Entry, 'position'> | undefined {
  if (type === 'm.room.member') {
    if (stateKey === undefined || membershipIn(content) !== 'ban') return undefined;
    const fields = JSON.stringify({ u: stateKey });
    return { kind: 'cu', fields, userId: stateKey, buries: { userId: stateKey }, isUrgent: true };
  }
  if (stateKey !== '') return undefined;
  if (type === 'm.room.tombstone') {
    return { kind: 'sw', fields: JSON.stringify({ room: stringIn(content, 'replacement_room') ?? null }) };
  }
  const kind = STATE_KINDS.get(type);
  if (kind === undefined) return undefined;
  return { kind, fields: JSON.stringify({ type, content }), isUrgent: type === SHIELD_EVENT };
}

function saidEntry(
  event: StoredEvent,
  room: Room,
  streamer: string,
  base: Partial<Entry>,
  original: ((eventId: string) => StoredEvent | undefined) | undefined,
): ChannelEntry | undefined {
  const relation = relationIn(event.content);
  const edited = event.content['m.new_content'];
  const isEdit = relation?.relType === 'm.replace' && isJsonObject(edited);
  if (!isEdit) return messageEntry(event, room, streamer, base);
  return editEntry(event, stringIn(edited, 'body') ?? '', base, original?.(relation.eventId));
}

/** Nobody edits but what it has said itself, and not for long. */
function editEntry(
  { sender, originServerTs }: StoredEvent,
  tx: string,
  base: Partial<Entry>,
  original: StoredEvent | undefined,
): ChannelEntry | undefined {
  if (original?.sender !== sender || original.stateKey !== undefined || original.redactedBy !== undefined)
    return undefined;
  if (originServerTs - original.originServerTs > EDIT_MS) return undefined;
  const { eventId } = original;
  // Whoever takes the message out takes its edits with it.
  const fields = JSON.stringify({ id: messageName(eventId), u: sender, tx });
  return { entry: { ...base, kind: 'ed', fields, eventId }, rank: undefined };
}

function messageEntry(event: StoredEvent, room: Room, streamer: string, base: Partial<Entry>): ChannelEntry {
  const { content, sender, eventId } = event;
  const block = content[CHAT_BLOCK];
  const chat = isJsonObject(block) ? block : {};
  const notice = content[NOTICE_BLOCK];
  const text = stringIn(content, 'body') ?? '';
  const answered = inReplyToIn(content);
  const name = stringIn(room.get('m.room.member', sender)?.content, 'displayname');
  const fields = JSON.stringify({
    ...{ id: messageName(eventId), u: sender, n: name === localpartOf(sender) ? undefined : name },
    ...{ c: chat['color'], b: chat['badges'], o: chat['offset_ms'], tx: text, em: chat['emotes'] },
    ...{ re: answered && messageName(answered), me: stringIn(content, 'msgtype') === 'm.emote' ? true : undefined },
    ...{ f: chat['first'], nt: isJsonObject(notice) ? notice : undefined },
    mxc: event.type === 'm.sticker' ? stringIn(content, 'url') : undefined,
  });
  if (isJsonObject(notice)) return { entry: { ...base, kind: 'nt', fields }, rank: undefined };
  const noOverlay = text.startsWith('!') || hasBadge(chat, 'bot');
  return { entry: { ...base, kind: 'm', fields, noOverlay }, rank: rankOf(sender, room, streamer, chat) };
}

function rankOf(sender: string, room: Room, streamer: string, chat: JsonObject): SamplingRank {
  const isModerator = powerLevels(room.rules, room).userLevel(sender) >= MODERATOR_POWER;
  if (sender === streamer || isModerator) return 0;
  if (hasBadge(chat, 'sub')) return 1;
  return chat['first'] === true ? 2 : 3;
}

function hasBadge({ badges }: JsonObject, id: string): boolean {
  return Array.isArray(badges) && badges.some((badge: JsonValue) => Array.isArray(badge) && badge[0] === id);
}
