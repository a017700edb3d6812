import type { Room } from '../timeline/room.ts';

const HEROES = 5;

/** The users whose names stand for a room without one: the first five others who are joined or invited, or have left. */
export function heroesOf(room: Room, userId: string): string[] {
  const present: string[] = [];
  const gone: string[] = [];
  for (const member of room.stateEventsOfType('m.room.member')) {
    const other = member.stateKey!;
    if (other === userId) continue;
    const membership = member.content['membership'];
    if (membership === 'join' || membership === 'invite') present.push(other);
    else if (membership === 'leave' && gone.length < HEROES) gone.push(other);
    if (present.length === HEROES) break;
  }
  return present.length > 0 ? present : gone;
}

/** Whether clients need heroes to name the room. */
export function needsHeroes(room: Room): boolean {
  const name = room.get('m.room.name', '')?.content['name'];
  if (typeof name === 'string' && name !== '') return false;
  const alias = room.get('m.room.canonical_alias', '')?.content['alias'];
  return typeof alias !== 'string' || alias === '';
}

/** `summary` of a joined room, as JSON. Source: https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3sync */
export function summaryJson(room: Room, heroes: readonly string[]): string {
  const named = heroes.length > 0 ? `"m.heroes":${JSON.stringify(heroes)},` : '';
  return `{${named}"m.joined_member_count":${room.joinedCount},"m.invited_member_count":${room.invitedCount}}`;
}
