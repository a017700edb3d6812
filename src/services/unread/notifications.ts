import { powerLevels } from '../../protocol/authorization/power-levels.ts';
import { stringIn } from '../../protocol/events/content-readers.ts';
import type { Pdu } from '../../protocol/events/pdu.ts';
import { classify } from '../../protocol/push-rules/classify.ts';
import type { PushEvent } from '../../protocol/push-rules/conditions.ts';
import { evaluate } from '../../protocol/push-rules/evaluate.ts';
import type { PushRuleset } from '../../protocol/push-rules/push-rule.ts';
import type { NotificationPlan, NotificationPlanner } from '../timeline/notification-plan.ts';
import type { Room } from '../timeline/room.ts';

/** Whose rules are what, as far as notifications ask. */
export interface RulesOfUsers {
  of(userId: string): PushRuleset;
  /** Joined members of a room for whom events may be otherwise than under the default rules. */
  usersWithOwnRules(room: Room): Iterable<string>;
}

/**
 * Decides once per event whom it notifies: everybody, by the default rules; beside that only those whom it mentions,
 * and those who have rules of their own. The work does not grow with the members of the room.
 */
export class Notifications implements NotificationPlanner {
  private readonly rules: RulesOfUsers;
  private readonly isLocal: (userId: string) => boolean;

  constructor(rules: RulesOfUsers, isLocal: (userId: string) => boolean) {
    this.rules = rules;
    this.isLocal = isLocal;
  }

  plan(room: Room, pdu: Pdu): NotificationPlan {
    const levels = powerLevels(room.rules, room.decidedState);
    const context = {
      senderPowerLevel: levels.userLevel(pdu.sender),
      notificationLevel: (key: string) => levels.notificationLevel(key),
    };
    const event = pdu as unknown as PushEvent;
    const { notify, highlightAll, mentionedUserIds } = classify(event, context);
    const users = new Map<string, NotificationPlan['users'][number]>();
    for (const userId of mentionedUserIds) {
      if (!this.isLocal(userId) || !room.isJoined(userId)) continue;
      users.set(userId, { userId, notify: notify ? 0 : 1, highlight: highlightAll ? 0 : 1 });
    }
    for (const userId of this.rules.usersWithOwnRules(room)) {
      users.delete(userId);
      if (userId === pdu.sender || !this.isLocal(userId)) continue;
      const displayName = stringIn(room.get('m.room.member', userId)?.content, 'displayname');
      const own = evaluate(this.rules.of(userId), event, {
        ...context,
        userId,
        memberCount: room.joinedCount,
        ...(displayName === undefined ? {} : { displayName }),
      });
      if (own.notify || own.highlight) {
        users.set(userId, { userId, notify: own.notify ? 1 : 0, highlight: own.highlight ? 1 : 0 });
      }
    }
    return { notify: highlightAll ? 2 : notify ? 1 : 0, users: [...users.values()] };
  }
}
