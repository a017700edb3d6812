import { privilegedCreators } from '../../protocol/authorization/create-event.ts';
import { own, powerLevels } from '../../protocol/authorization/power-levels.ts';
import { joinRuleIn, stringIn } from '../../protocol/events/content-readers.ts';
import { serverOf } from '../../protocol/identifiers/parts.ts';
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
  const { named, mayInvite, everybodyMay } = inviters(room);
  const mayVouch = (userId: string) => isLocal(userId) && room.isJoined(userId) && mayInvite(userId);
  const found = named.find(mayVouch);
  if (found !== undefined || !everybodyMay) return found;
  for (const userId of room.joinedMembers()) if (mayVouch(userId)) return userId;
  return undefined;
}

/** The other servers in the room that may have such a user; those of the users with a power level of their own first. */
export function vouchingServers(room: Room, serverName: string): string[] {
  const { named, mayInvite, everybodyMay } = inviters(room);
  const servers = new Set<string | undefined>(
    named.filter((id) => room.isJoined(id) && mayInvite(id)).map((id) => serverOf(id)),
  );
  if (everybodyMay) for (const server of room.joinedServers.keys()) servers.add(server);
  servers.delete(serverName);
  return [...servers].filter((server) => server !== undefined);
}

function inviters(room: Room) {
  const levels = powerLevels(room.rules, room.decidedState);
  const creators = privilegedCreators(room.rules, room.decidedState.get('m.room.create', ''));
  const users = room.decidedState.get('m.room.power_levels', '')?.content['users'];
  const withLevel = isJsonObject(users) ? Object.keys(users).filter((id) => own(users, id) !== undefined) : [];
  return {
    named: [...creators, ...withLevel],
    mayInvite: (userId: string) => levels.userLevel(userId) >= levels.invite,
    everybodyMay: levels.level('users_default') >= levels.invite,
  };
}
