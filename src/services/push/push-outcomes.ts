import { powerLevels } from '../../protocol/authorization/power-levels.ts';
import { stringIn } from '../../protocol/events/content-readers.ts';
import type { PushEvent } from '../../protocol/push-rules/conditions.ts';
import { evaluate, type PushOutcome } from '../../protocol/push-rules/evaluate.ts';
import type { Room } from '../timeline/room.ts';
import type { StoredEvent } from '../timeline/stored-event.ts';
import type { PushRules } from './push-rules.ts';

/** What the rules of a user make of events, for those who are told why they are notified. */
export class PushOutcomes {
  private readonly rules: Pick<PushRules, 'of'>;

  constructor(rules: Pick<PushRules, 'of'>) {
    this.rules = rules;
  }

  /** @param room as it is now; undefined if the server does not know the room yet */
  of(userId: string, room: Room | undefined, event: StoredEvent): PushOutcome {
    const levels = room && powerLevels(room.rules, room);
    const displayName = room && stringIn(room.get('m.room.member', userId)?.content, 'displayname');
    const pdu = { ...event.pdu, room_id: event.roomId } as unknown as PushEvent;
    return evaluate(this.rules.of(userId), pdu, {
      userId,
      memberCount: room?.joinedCount ?? 0,
      senderPowerLevel: levels?.userLevel(event.sender) ?? 0,
      notificationLevel: (key) => levels?.notificationLevel(key) ?? 50,
      ...(displayName === undefined ? {} : { displayName }),
    });
  }
}
