import { authorize } from '../../protocol/authorization/authorize.ts';
import { badJson, invalidRoomState, tooLarge } from '../../protocol/errors.ts';
import { type BuiltEvent, buildEvent, type EventSigner } from '../../protocol/events/build-event.ts';
import { checkEventSize } from '../../protocol/events/event-size.ts';
import type { JsonObject } from '../../protocol/json.ts';
import type { RoomVersionRules } from '../../protocol/room-versions/rules.ts';
import type { WriteSet } from '../../storage/contract/write-set.ts';
import { canonical } from './canonical.ts';
import type { EventDraft } from './event-template.ts';
import type { Room } from './room.ts';

/** A room that somebody wants to make. */
export interface RoomDraft {
  readonly rules: RoomVersionRules;
  readonly creator: string;
  /** Of `m.room.create`. */
  readonly content: JsonObject;
  readonly isPublic: boolean;
  /** The id, for room versions whose ids are chosen. */
  readonly chooseRoomId: () => string;
  /** The events that follow, in order. */
  readonly following: (roomId: string) => readonly EventDraft[];
  /** Adds what else belongs to the new room to its write set. */
  readonly also?: (set: WriteSet, room: Room) => void;
}

/**
 * The first event of a room. Since room version 12 its hash is the room's id.
 * @throws M_INVALID_ROOM_STATE if the rules refuse it; M_BAD_JSON; M_TOO_LARGE
 */
export function buildCreateEvent(draft: RoomDraft, originServerTs: number, signer: EventSigner): BuiltEvent {
  const { rules } = draft;
  const prototype = {
    type: 'm.room.create',
    sender: draft.creator,
    content: draft.content,
    state_key: '',
    origin_server_ts: originServerTs,
    depth: 1,
    prev_events: [],
    auth_events: [],
    ...(rules.roomIdIsCreateHash ? {} : { room_id: draft.chooseRoomId() }),
  };
  const built = canonical(() => buildEvent(prototype, rules, signer));
  const size = checkEventSize(built.pdu, built.eventId, built.json);
  if (!size.ok) throw tooLarge(`The ${size.field} of the create event is too large: at most ${size.limit} bytes`);
  const verdict = authorize(rules, built, { get: () => undefined });
  if (!verdict.allowed) {
    throw verdict.rule === 'create.additional_creators' ? badJson(verdict.reason) : invalidRoomState(verdict.reason);
  }
  return built;
}
