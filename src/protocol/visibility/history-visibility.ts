/**
 * Who may see an event of the past.
 * Source: https://spec.matrix.org/v1.19/client-server-api/#server-behaviour-5
 */
import type { HistoryVisibility } from '../events/content-readers.ts';

/** The state around one event, as far as it concerns one user. */
export interface UserVisibilityFacts {
  /** In the state before the event. */
  readonly visibility: HistoryVisibility;
  /** What the event itself sets; only of `m.room.history_visibility` events. */
  readonly visibilityAfter?: HistoryVisibility;
  /** The user's membership in the state before the event; undefined or `leave` if they have none. */
  readonly membership: string | undefined;
  /** What the event itself makes of it; only of the user's own `m.room.member` events. */
  readonly membershipAfter?: string;
  /** Whether the user joined at any time after the event, be they in the room now or not. */
  readonly joinedLater: boolean;
}

/** Whether the user may see the event. An event that changes what counts may be seen from either side of the change. */
export function mayUserSee(facts: UserVisibilityFacts): boolean {
  const visibilities = [facts.visibility, facts.visibilityAfter ?? facts.visibility];
  const memberships = [facts.membership, facts.membershipAfter ?? facts.membership];
  return visibilities.some((visibility) =>
    memberships.some((membership) => isVisible(visibility, membership, facts.joinedLater)),
  );
}

function isVisible(visibility: HistoryVisibility, membership: string | undefined, joinedLater: boolean): boolean {
  if (visibility === 'world_readable') return true;
  if (membership === 'join') return true;
  if (visibility === 'shared' && joinedLater) return true;
  return visibility === 'invited' && membership === 'invite';
}

/** The same for a server in the room: what one of its users may see, it may have. */
export interface ServerVisibilityFacts {
  readonly visibility: HistoryVisibility;
  readonly visibilityAfter?: HistoryVisibility;
  /** Memberships of the server's users in the state before the event, and of those whom the event is about, after it. */
  readonly memberships: Iterable<string>;
}

/** Whether a server that takes part in the room may be given the event, for instance on backfill. */
export function mayServerSee(facts: ServerVisibilityFacts): boolean {
  const memberships = new Set(facts.memberships);
  return [facts.visibility, facts.visibilityAfter ?? facts.visibility].some((visibility) => {
    if (visibility === 'world_readable' || visibility === 'shared') return true;
    return memberships.has('join') || (visibility === 'invited' && memberships.has('invite'));
  });
}
