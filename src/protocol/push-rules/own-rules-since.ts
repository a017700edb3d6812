/**
 * From when on events were judged by a user's own rules: what came before was counted by the default ones, and stays so.
 */
import { ownRulesReach, type PushRuleCustomisations } from './customisations.ts';

/** Stream positions; JSON as it is stored. */
export interface OwnRulesSince {
  readonly everywhere?: number;
  readonly rooms?: readonly (readonly [roomId: string, position: number])[];
}

/** What holds after a change at `position`: rules that reached as far before keep their time. */
export function sinceChange(
  before: PushRuleCustomisations,
  after: PushRuleCustomisations,
  position: number,
): OwnRulesSince {
  const [was, is] = [ownRulesReach(before), ownRulesReach(after)];
  const known = new Map(before.since?.rooms);
  const rooms = [...is.rooms].map((roomId): [string, number] => [
    roomId,
    was.rooms.has(roomId) ? (known.get(roomId) ?? 0) : position,
  ]);
  const everywhere = was.everywhere ? (before.since?.everywhere ?? 0) : position;
  return { ...(is.everywhere ? { everywhere } : {}), ...(rooms.length > 0 ? { rooms } : {}) };
}
