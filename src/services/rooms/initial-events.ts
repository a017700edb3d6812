import type { JsonObject } from '../../protocol/json.ts';
import type { EventDraft } from '../timeline/timeline.ts';
import { BROADCAST } from './broadcast.ts';
import {
  type CreateRoomRequest,
  type InitialStateEvent,
  isOpenToAll,
  type Preset,
  presetOf,
} from './create-room-request.ts';

const GUEST_ACCESS: Readonly<Record<Preset, 'can_join' | 'forbidden'>> = {
  private_chat: 'can_join',
  trusted_private_chat: 'can_join',
  public_chat: 'forbidden',
  [BROADCAST]: 'forbidden',
};

/** What of a new room is not in the request. */
export interface RoomBasics {
  readonly creator: string;
  /** Content of the creator's membership. */
  readonly join: JsonObject;
  readonly powerLevels: JsonObject;
  readonly alias: string | undefined;
  readonly encrypted: boolean;
  /** Contents of the invites, by user id. */
  readonly invites: ReadonlyMap<string, JsonObject>;
}

/**
 * The events of a new room after its create event, in the order of the specification. What `initial_state` sets is not
 * set by the preset as well.
 * Source: https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3createroom
 */
export function initialEvents(request: CreateRoomRequest, basics: RoomBasics): EventDraft[] {
  const { creator } = basics;
  const given = (request.initial_state ?? []).filter((event) => !isReplaced(request, event));
  const givenTypes = new Set(given.filter((e) => (e.state_key ?? '') === '').map((e) => e.type));
  const drafts: EventDraft[] = [];
  const add = (type: string, content: JsonObject, stateKey = '') =>
    drafts.push({ type, sender: creator, stateKey, content });
  const addUnlessGiven = (type: string, content: JsonObject) => {
    if (!givenTypes.has(type)) add(type, content);
  };

  add('m.room.member', basics.join, creator);
  addUnlessGiven('m.room.power_levels', basics.powerLevels);
  // Further down it would come after state that needs the levels it gives.
  for (const event of given) if (isPowerLevels(event)) add(event.type, event.content);
  if (basics.alias !== undefined) addUnlessGiven('m.room.canonical_alias', { alias: basics.alias });
  const preset = presetOf(request);
  const isOpen = isOpenToAll(request);
  addUnlessGiven('m.room.join_rules', { join_rule: isOpen ? 'public' : 'invite' });
  const visibility = isOpen && preset === BROADCAST ? 'world_readable' : 'shared';
  addUnlessGiven('m.room.history_visibility', { history_visibility: visibility });
  // Where nothing is said, guests stay outside.
  if (GUEST_ACCESS[preset] !== 'forbidden')
    addUnlessGiven('m.room.guest_access', { guest_access: GUEST_ACCESS[preset] });
  if (basics.encrypted) addUnlessGiven('m.room.encryption', { algorithm: 'm.megolm.v1.aes-sha2' });
  for (const event of given) if (!isPowerLevels(event)) add(event.type, event.content, event.state_key);
  if (request.name !== undefined) add('m.room.name', { name: request.name });
  if (request.topic !== undefined) add('m.room.topic', topicContent(request.topic));
  for (const [userId, content] of basics.invites) add('m.room.member', content, userId);
  return drafts;
}

function isPowerLevels(event: InitialStateEvent): boolean {
  return event.type === 'm.room.power_levels' && (event.state_key ?? '') === '';
}

function isReplaced(request: CreateRoomRequest, { type, state_key }: InitialStateEvent): boolean {
  if ((state_key ?? '') !== '') return false;
  return (
    (type === 'm.room.name' && request.name !== undefined) || (type === 'm.room.topic' && request.topic !== undefined)
  );
}

/** Source: https://spec.matrix.org/v1.19/client-server-api/#mroomtopic */
function topicContent(topic: string): JsonObject {
  return { topic, 'm.topic': { 'm.text': [{ body: topic, mimetype: 'text/plain' }] } };
}
