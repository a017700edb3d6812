import { authEventKeys } from '../../protocol/authorization/auth-event-keys.ts';
import { authorize } from '../../protocol/authorization/authorize.ts';
import { badJson, forbidden } from '../../protocol/errors.ts';
import type { EventPrototype } from '../../protocol/events/build-event.ts';
import { referenceTo } from '../../protocol/events/event-reference.ts';
import type { Pdu } from '../../protocol/events/pdu.ts';
import { MAX_PREV_EVENTS } from '../../protocol/events/pdu-format.ts';
import type { JsonObject } from '../../protocol/json.ts';
import type { Room } from './room.ts';

/** An event somebody wants to send. */
export interface EventDraft {
  readonly type: string;
  readonly sender: string;
  readonly content: JsonObject;
  readonly stateKey?: string;
  /** Of a redaction: the event to redact. */
  readonly redacts?: string;
  /** Milliseconds; now, unless given. */
  readonly originServerTs?: number;
}

/** Rules that refuse an event for what it is, whoever sends it. */
const MALFORMED: ReadonlySet<string> = new Set([
  'create.prev_events',
  'power_levels.creator_listed',
  'power_levels.entries',
  'power_levels.integer',
  'power_levels.users',
]);

/** The draft as an event on top of the room's decided head, without hashes and signatures. */
export function templateOn(room: Room, draft: EventDraft, now: number): EventPrototype {
  const { decided, rules } = room;
  const before = decided.extremities.slice(-MAX_PREV_EVENTS);
  const depth = before.reduce((max, e) => Math.max(max, e.depth), 0) + 1;
  const prototype = {
    type: draft.type,
    sender: draft.sender,
    room_id: room.id,
    content: draft.content,
    ...(draft.stateKey === undefined ? {} : { state_key: draft.stateKey }),
    ...(draft.redacts === undefined ? {} : { redacts: draft.redacts }),
    origin_server_ts: draft.originServerTs ?? now,
    depth: Math.min(depth, Number.MAX_SAFE_INTEGER),
    prev_events: before.map((e) => e.reference),
  };
  const auth = authEventKeys(rules, prototype as unknown as Pdu)
    .map(([type, key]) => room.decidedState.get(type, key))
    .filter((event) => event !== undefined)
    .map((event) => referenceTo(event, rules));
  return { ...prototype, auth_events: auth };
}

/** @throws M_FORBIDDEN or M_BAD_JSON if the room's decided state does not allow the event */
export function demandAllowed(room: Room, event: { readonly pdu: Pdu; readonly eventId?: string }): void {
  const verdict = authorize(room.rules, event, room.decidedState);
  if (!verdict.allowed) throw MALFORMED.has(verdict.rule) ? badJson(verdict.reason) : forbidden(verdict.reason);
}
