/** The block `online.beamify.chat` that the server writes into a message when it gets in. */
import { type JsonObject, withKey } from '../../protocol/json.ts';
import type { Badge } from './badges.ts';
import { type EmoteUse, emoteHtml } from './emotes.ts';
import { stripReservedKeys } from './reserved-keys.ts';

export const CHAT_BLOCK = 'online.beamify.chat';

export interface Stamp {
  readonly session: string | undefined;
  /** Milliseconds from the start of the session; 0 where there is none. */
  readonly offsetMs: number;
  readonly badges: readonly Badge[];
  /** `#rrggbb` */
  readonly color: string | undefined;
  readonly emotes: readonly EmoteUse[];
  /** The chatter's first message in the channel. */
  readonly first: boolean;
}

/** Content as it goes into the room. A sender's own HTML stays where there are no emotes. */
export function stampContent(content: JsonObject, body: string, stamp: Stamp): JsonObject {
  const block: JsonObject = { offset_ms: Math.max(0, Math.trunc(stamp.offsetMs)) };
  if (stamp.session !== undefined) block['session'] = stamp.session;
  block['badges'] = stamp.badges.map(([id, version]) => [id, version]);
  if (stamp.color !== undefined) block['color'] = stamp.color;
  if (stamp.emotes.length > 0) {
    block['emotes'] = stamp.emotes.map(({ id, start, end, mxc }) => ({ id, s: start, e: end, mxc }));
  }
  if (stamp.first) block['first'] = true;
  const stamped = withKey(stripReservedKeys(content), CHAT_BLOCK, block);
  const html = emoteHtml(body, stamp.emotes);
  if (html === undefined) return stamped;
  return withKey(withKey(stamped, 'format', 'org.matrix.custom.html'), 'formatted_body', html);
}
