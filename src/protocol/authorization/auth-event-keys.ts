/**
 * Which state the `auth_events` of an event select.
 * Source: https://spec.matrix.org/v1.19/server-server-api/#auth-events-selection
 */
import type { Pdu } from '../events/pdu.ts';
import type { RoomVersionRules } from '../room-versions/rules.ts';
import { own } from './power-levels.ts';

export type StateKey = readonly [type: string, stateKey: string];

/** Without duplicates: who changes their own membership is sender and target in one. */
export function authEventKeys(rules: RoomVersionRules, pdu: Pdu): StateKey[] {
  if (pdu.type === 'm.room.create') return [];
  const keys: StateKey[] = rules.createEventImpliedInAuthEvents ? [] : [['m.room.create', '']];
  keys.push(['m.room.power_levels', ''], ['m.room.member', pdu.sender]);
  if (pdu.type !== 'm.room.member') return keys;

  const members = new Set([pdu.sender]);
  const addMember = (userId: unknown) => {
    if (typeof userId !== 'string' || members.has(userId)) return;
    members.add(userId);
    keys.push(['m.room.member', userId]);
  };
  const { membership } = pdu.content;
  addMember(pdu.state_key);
  if (membership === 'join' || membership === 'invite' || membership === 'knock') keys.push(['m.room.join_rules', '']);
  if (membership === 'invite') {
    const token = own(own(pdu.content['third_party_invite'], 'signed'), 'token');
    if (typeof token === 'string') keys.push(['m.room.third_party_invite', token]);
  }
  if (membership === 'join' && rules.restrictedJoinRule) addMember(pdu.content['join_authorised_via_users_server']);
  return keys;
}
