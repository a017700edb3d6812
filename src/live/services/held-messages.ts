/** Held messages as moderators and their senders are told. */
import { stringIn } from '../../protocol/events/content-readers.ts';
import type { JsonObject } from '../../protocol/json.ts';
import type { HeldRow } from '../store/live-store.ts';

export function heldJson({ held_id, sender, content, reason, state, created_at, expires_at }: HeldRow): JsonObject {
  const body = stringIn(JSON.parse(content) as JsonObject, 'body') ?? '';
  return { hid: held_id, user: sender, body, reason, state, ts: created_at, expires: expires_at };
}
