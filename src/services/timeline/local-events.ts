import { canonicalJson } from '../../protocol/canonical-json/canonical-json.ts';
import { tooLarge } from '../../protocol/errors.ts';
import {
  type BuiltEvent,
  buildEvent,
  type EventPrototype,
  type EventSigner,
} from '../../protocol/events/build-event.ts';
import { membershipIn } from '../../protocol/events/content-readers.ts';
import { checkEventSize } from '../../protocol/events/event-size.ts';
import type { Pdu } from '../../protocol/events/pdu.ts';
import type { Clock } from '../../util/clock.ts';
import { canonical } from './canonical.ts';
import { demandAllowed, type EventDraft, templateOn } from './event-template.ts';
import type { Room } from './room.ts';
import type { StoredEvent } from './stored-event.ts';

export interface LocalEventParts {
  readonly signer: EventSigner;
  readonly clock: Clock;
}

/** Builds events of this server on top of a room's decided head. */
export class LocalEvents {
  private readonly parts: LocalEventParts;

  constructor(parts: LocalEventParts) {
    this.parts = parts;
  }

  /** Builds, checks and authorizes an event. @throws M_FORBIDDEN, M_BAD_JSON, M_TOO_LARGE */
  build(room: Room, draft: EventDraft): BuiltEvent {
    const template = templateOn(room, draft, this.parts.clock.now());
    const built = canonical(() => buildEvent(template, room.rules, this.parts.signer));
    const size = checkEventSize(built.pdu, built.eventId, built.json);
    if (!size.ok) throw tooLarge(`The ${size.field} is too large: ${size.bytes} bytes, at most ${size.limit}`);
    demandAllowed(room, built);
    return built;
  }

  /** An event for another server to complete and sign. @throws M_FORBIDDEN, M_BAD_JSON */
  prepare(room: Room, draft: EventDraft): EventPrototype {
    const template = templateOn(room, draft, this.parts.clock.now());
    demandAllowed(room, { pdu: template as unknown as Pdu });
    return template;
  }
}

/** The present state event if the draft would only repeat it. */
export function unchangedState(room: Room, draft: EventDraft): StoredEvent | undefined {
  if (draft.stateKey === undefined) return undefined;
  const present = room.decidedState.get(draft.type, draft.stateKey);
  if (!present || present.sender !== draft.sender || present.redactedBy) return undefined;
  // Whoever has left is told so.
  if (membershipIn(room.decidedState.get('m.room.member', draft.sender)?.content) !== 'join') return undefined;
  const options = { strict: room.rules.strictCanonicalJson };
  const same = canonical(() => canonicalJson(present.content, options) === canonicalJson(draft.content, options));
  return same ? present : undefined;
}
