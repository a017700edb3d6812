/**
 * Rule 3 (2 before room version 12): which events `auth_events` may name.
 * Source: https://spec.matrix.org/v1.19/rooms/v12/#authorisation-rules
 */
import type { Pdu, RoomEvent } from '../events/pdu.ts';
import type { RoomVersionRules } from '../room-versions/rules.ts';
import { authEventKeys } from './auth-event-keys.ts';
import { ALLOWED, refused, type Verdict } from './verdict.ts';

/** `authEvents` are the events that `pdu.auth_events` names; all of them, whatever came of them. */
export function checkAuthEvents(rules: RoomVersionRules, pdu: Pdu, authEvents: readonly RoomEvent[]): Verdict {
  if (pdu.type === 'm.room.create') return ALLOWED;
  const selected = new Set(authEventKeys(rules, pdu).map(([type, stateKey]) => keyOf(type, stateKey)));
  const seen = new Set<string>();
  for (const { eventId, pdu: auth, rejected } of authEvents) {
    const key = auth.state_key === undefined ? undefined : keyOf(auth.type, auth.state_key);
    if (key !== undefined && seen.has(key)) {
      return refused('auth_events.duplicate', `auth_events names more than one ${auth.type} event for one state key`);
    }
    if (key === undefined || !selected.has(key)) {
      return refused('auth_events.unexpected', `auth_events names a ${auth.type} event that has no place there`);
    }
    if (rejected) return refused('auth_events.rejected', `auth_events names ${eventId}, which was rejected`);
    if (auth.room_id !== pdu.room_id)
      return refused('auth_events.room', `auth_events names ${eventId} of another room`);
    seen.add(key);
  }
  if (!rules.createEventImpliedInAuthEvents && !seen.has(keyOf('m.room.create', ''))) {
    return refused('auth_events.no_create', 'auth_events does not name the create event');
  }
  return ALLOWED;
}

/** JSON keeps apart what a separator could not: both halves may hold any character. */
function keyOf(type: string, stateKey: string): string {
  return JSON.stringify([type, stateKey]);
}
