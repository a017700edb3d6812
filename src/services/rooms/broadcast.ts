import { badJson } from '../../protocol/errors.ts';
import { isUserId } from '../../protocol/identifiers/user-id.ts';
import { type JsonObject, setOwn } from '../../protocol/json.ts';

/** Rooms in which chosen people post and everybody reads; see `docs/broadcast-rooms.md`. */
export const BROADCAST = 'online.beamify.broadcast';
export const POSTERS = 'online.beamify.posters';

const POSTER_LEVEL = 25;
/** What readers may send. */
const ANSWERS = ['m.reaction', 'm.room.redaction', 'm.poll.response', 'org.matrix.msc3381.poll.response'];

/**
 * Makes the power levels of a new room those of a broadcast room.
 * @param content those of any room
 * @throws M_BAD_JSON for posters that are no users
 */
export function addBroadcastLevels(content: JsonObject, posters: readonly string[], creators: readonly string[]): void {
  content['events_default'] = POSTER_LEVEL;
  content['invite'] = 50;
  const events = content['events'] as JsonObject;
  for (const type of ANSWERS) setOwn(events, type, 0);
  const users = content['users'] as JsonObject;
  for (const userId of posters) {
    if (!isUserId(userId)) throw badJson(`${POSTERS}: ${userId} is not a user id`);
    if (!creators.includes(userId) && !Object.hasOwn(users, userId)) setOwn(users, userId, POSTER_LEVEL);
  }
}
