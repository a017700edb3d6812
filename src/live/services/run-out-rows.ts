/** When state of a room ends by itself, as it is kept beside the room: what has to be looked at after a start. */
import type { JsonObject } from '../../protocol/json.ts';
import type { WriteSet } from '../../storage/contract/write-set.ts';
import { PIN_EVENT } from '../rules/recipe.ts';
import { SHIELD_EVENT } from '../rules/shield.ts';
import type { RunOut } from '../store/channel-store.ts';
import type { LiveRoom } from './live-rooms.ts';

export const ENDING: ReadonlyMap<string, RunOut> = new Map([
  [SHIELD_EVENT, 'shield'],
  [PIN_EVENT, 'pin'],
]);

/** Milliseconds since the epoch; undefined for what stays. */
export function endOf(content: JsonObject | undefined): number | undefined {
  const until = content?.['until'];
  return typeof until === 'number' && Number.isSafeInteger(until) ? until : undefined;
}

/** Adds what has to be kept of state that is set. */
export function addRunOut(
  set: WriteSet,
  { channelId: channel_id }: LiveRoom,
  type: string,
  content?: JsonObject,
): void {
  const what = ENDING.get(type);
  if (what === undefined) return;
  const ends_at = endOf(content);
  if (ends_at === undefined) set.add('live.runOuts.remove', { channel_id, what });
  else set.add('live.runOuts.put', { channel_id, what, ends_at });
}
