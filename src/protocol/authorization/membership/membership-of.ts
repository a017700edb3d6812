import { joinRuleIn } from '../../events/content-readers.ts';
import type { StateView } from '../../events/pdu.ts';

/** The membership of a user in the state; `leave` for whoever has none. */
export function membershipOf(state: StateView, userId: string): string {
  const membership = state.get('m.room.member', userId)?.pdu.content['membership'];
  return typeof membership === 'string' ? membership : 'leave';
}

/** The join rule of the state; `invite` in a room without one. */
export function joinRuleOf(state: StateView): string {
  return joinRuleIn(state.get('m.room.join_rules', '')?.pdu.content);
}
