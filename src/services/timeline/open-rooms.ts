import { historyVisibilityIn, joinRuleIn } from '../../protocol/events/content-readers.ts';
import type { Room } from './room.ts';

/** The state that decides whether a room is open to everybody. */
export const OPENING_TYPES: ReadonlySet<string> = new Set(['m.room.join_rules', 'm.room.history_visibility']);

/** Whether anybody may join the room or read it, as of the next decision: who is in it can be found by everybody. */
export function isOpen({ decidedState: state }: Room): boolean {
  return (
    joinRuleIn(state.get('m.room.join_rules', '')?.content) === 'public' ||
    historyVisibilityIn(state.get('m.room.history_visibility', '')?.content) === 'world_readable'
  );
}
