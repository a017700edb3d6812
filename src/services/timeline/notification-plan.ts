import type { Pdu } from '../../protocol/events/pdu.ts';
import type { Room } from './room.ts';

/** Whom an event notifies, decided once when it is appended. */
export interface NotificationPlan {
  /** Under the default rules: 0 silent, 1 notifies, 2 highlights for everybody. */
  readonly notify: 0 | 1 | 2;
  /** Users for whom it is otherwise: those it mentions, and those with rules of their own. */
  readonly users: readonly { readonly userId: string; readonly notify: 0 | 1; readonly highlight: 0 | 1 }[];
}

export interface NotificationPlanner {
  plan(room: Room, pdu: Pdu): NotificationPlan;
}
