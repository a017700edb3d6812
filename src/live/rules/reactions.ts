/** Reactions to the stream, or to a message of it. */
import { isEventId } from '../../protocol/identifiers/event-id.ts';
import type { JsonObject } from '../../protocol/json.ts';
import { parseSettings } from './settings.ts';

export interface Reaction {
  readonly key: string;
  readonly count: number;
  /** The message that is meant, in place of the stream. */
  readonly event: string | undefined;
}

export interface RefusedReaction {
  readonly ok: false;
  readonly code: 'bad_reaction' | 'bad_request';
  readonly message: string;
}

/** Reactions that one frame may stand for. */
const MAX_REACTIONS = 10;

/** `settings`: the content of the settings of the channel. */
export function readReaction(
  settings: JsonObject | undefined,
  { k, c = 1, event }: JsonObject,
): Reaction | RefusedReaction {
  const { reactions } = parseSettings(settings);
  if (!reactions.enabled || typeof k !== 'string' || !reactions.keys.includes(k)) {
    return { ok: false, code: 'bad_reaction', message: 'This reaction is not offered here' };
  }
  if (typeof c !== 'number' || !Number.isInteger(c) || c < 1 || c > MAX_REACTIONS) {
    return { ok: false, code: 'bad_request', message: `One to ${MAX_REACTIONS} reactions at a time` };
  }
  return { key: k, count: c, event: typeof event === 'string' && isEventId(event) ? event : undefined };
}

export function isReaction(read: Reaction | RefusedReaction): read is Reaction {
  return 'key' in read;
}
