import { authorize } from '../../protocol/authorization/authorize.ts';
import { checkAuthEvents } from '../../protocol/authorization/check-auth-events.ts';
import { ALLOWED, refused, type Verdict } from '../../protocol/authorization/verdict.ts';
import { tooLongField } from '../../protocol/events/event-size.ts';
import type { StateView } from '../../protocol/events/pdu.ts';
import type { RoomVersionRules } from '../../protocol/room-versions/rules.ts';
import { authEventIds, impliedCreateEventId } from '../../protocol/state-resolution/event-lookup.ts';
import type { Room } from './room.ts';
import type { SignedEvent, StoredEvent } from './stored-event.ts';

/** The auth events, if all of them are in the decided state, where mostly they are. */
export function authEventsInState(room: Room, { pdu }: SignedEvent): StoredEvent[] | undefined {
  const ids = authEventIds(pdu);
  const named = new Set(ids);
  if (named.size < ids.length) return undefined;
  const found: StoredEvent[] = [];
  const take = (type: string, stateKey: string) => {
    const event = room.decidedState.get(type, stateKey);
    if (event && named.delete(event.eventId)) found.push(event);
  };
  take('m.room.create', '');
  take('m.room.power_levels', '');
  take('m.room.join_rules', '');
  take('m.room.member', pdu.sender);
  if (pdu.state_key !== undefined) take('m.room.member', pdu.state_key);
  return named.size === 0 ? found : undefined;
}

/**
 * Checks 4 and 5: by the auth events that the event names, and by the state before it.
 * Source: https://spec.matrix.org/v1.19/server-server-api/#checks-performed-on-receipt-of-a-pdu
 */
export function judge(
  room: Room,
  event: SignedEvent,
  authEvents: readonly StoredEvent[],
  create: StoredEvent | undefined,
  before: StateView,
): Verdict {
  const { rules } = room;
  const size = checkFields(rules, event);
  if (!size.allowed) return size;
  const selection = checkAuthEvents(rules, event.pdu, authEvents);
  if (!selection.allowed) return selection;
  // The create event counts among them where the room id implies it.
  const isImplied = create !== undefined && impliedCreateEventId(rules, event.pdu) === create.eventId;
  const all = isImplied ? [...authEvents, create] : authEvents;
  const byAuth = authorize(rules, event, {
    get: (type, stateKey) => all.find((one) => one.type === type && one.stateKey === stateKey),
  });
  return byAuth.allowed ? authorize(rules, event, before) : byAuth;
}

/** Whether the event's fields are as short as they must be, in rooms where that is no matter of form. */
export function checkFields(rules: RoomVersionRules, { pdu }: SignedEvent): Verdict {
  const field = rules.strictByteLimits ? undefined : tooLongField(pdu);
  return field === undefined ? ALLOWED : refused('event.size', `The ${field} is too long`);
}
