import { privilegedCreators } from '../../protocol/authorization/create-event.ts';
import { own, powerLevels } from '../../protocol/authorization/power-levels.ts';
import { joinRuleIn, stringIn } from '../../protocol/events/content-readers.ts';
import { isJsonObject } from '../../protocol/json.ts';
import type { Room } from '../timeline/room.ts';

/** Whether the join rule that holds for the next decision lets people in who are in other rooms. */
export function isRestricted({ rules, decidedState }: Room): boolean {
  const rule = joinRuleIn(decidedState.get('m.room.join_rules', '')?.content);
  return (
    (rule === 'restricted' && rules.restrictedJoinRule) ||
    (rule === 'knock_restricted' && rules.knockRestrictedJoinRule)
  );
}

/** The rooms whose members may join. Source: https://spec.matrix.org/v1.19/client-server-api/#restricted-rooms */
export function allowedRooms({ decidedState }: Room): string[] {
  const allow = decidedState.get('m.room.join_rules', '')?.content['allow'];
  if (!Array.isArray(allow)) return [];
  return allow.flatMap((condition) => {
    const isMembership = isJsonObject(condition) && condition['type'] === 'm.room_membership';
    const roomId = isMembership ? stringIn(condition, 'room_id') : undefined;
    return roomId === undefined ? [] : [roomId];
  });
}

/**
 * A user of this server in the room who may invite, and so may let in who meets a condition of the join rule. The
 * users with a power level of their own are looked at, and then, if everybody may invite, members until one is found.
 */
export function findVoucher(room: Room, isLocal: (userId: string) => boolean): string | undefined {
  const levels = powerLevels(room.rules, room.decidedState);
  const mayVouch = (userId: string) =>
    isLocal(userId) && room.isJoined(userId) && levels.userLevel(userId) >= levels.invite;
  const creators = privilegedCreators(room.rules, room.decidedState.get('m.room.create', ''));
  const users = room.decidedState.get('m.room.power_levels', '')?.content['users'];
  const named = isJsonObject(users) ? Object.keys(users).filter((id) => own(users, id) !== undefined) : [];
  const found = [...creators, ...named].find(mayVouch);
  if (found !== undefined || levels.level('users_default') < levels.invite) return found;
  for (const userId of room.joinedMembers()) if (mayVouch(userId)) return userId;
  return undefined;
}
