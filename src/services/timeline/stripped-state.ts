import { STRIPPED_STATE_TYPES, strippedState } from '../../protocol/events/stripped-state.ts';
import type { Room } from './room.ts';
import type { StoredEvent } from './stored-event.ts';

/**
 * What somebody who is invited or knocks is told of the room, as a JSON array: the state that the specification names,
 * who invites, and their own membership.
 * Source: https://spec.matrix.org/v1.19/client-server-api/#stripped-state
 */
export function strippedStateFor(room: Room, member: StoredEvent): string {
  const events = STRIPPED_STATE_TYPES.map((type) => room.decidedState.get(type, ''));
  if (member.sender !== member.stateKey) events.push(room.decidedState.get('m.room.member', member.sender));
  events.push(member);
  return JSON.stringify(events.filter((e) => e !== undefined).map((e) => strippedState(e.pdu)));
}
