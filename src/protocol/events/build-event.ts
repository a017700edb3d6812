import { canonicalJson } from '../canonical-json/canonical-json.ts';
import type { EventId } from '../identifiers/event-id.ts';
import { type RoomId, roomIdFromCreateEventId } from '../identifiers/room-id.ts';
import { type JsonObject, type JsonValue, withKey } from '../json.ts';
import type { RoomVersionRules } from '../room-versions/rules.ts';
import { toUrlSafe } from '../signing/base64.ts';
import { eventIdOfText, sha256Base64 } from '../signing/event-hash.ts';
import type { SigningKey } from '../signing/signing-key.ts';
import type { EventReference, Pdu } from './pdu.ts';
import { redactContent } from './redact-event.ts';

/** An event before it has hashes, signatures and an id. */
export interface EventPrototype {
  readonly type: string;
  readonly sender: string;
  /** Left out of the create event of rooms whose id is its hash. */
  readonly room_id?: string;
  readonly content: JsonObject;
  readonly state_key?: string;
  readonly depth: number;
  readonly prev_events: readonly EventReference[];
  readonly auth_events: readonly EventReference[];
  readonly origin_server_ts: number;
  /** The event that a redaction redacts: it is put where the room version wants it. */
  readonly redacts?: string;
}

/** In whose name an event is signed. */
export interface EventSigner {
  readonly serverName: string;
  readonly key: SigningKey;
}

export interface BuiltEvent {
  readonly eventId: EventId;
  readonly roomId: RoomId;
  readonly pdu: Pdu;
  /** The canonical JSON of `pdu`, signatures included: what is stored and sent to other servers. */
  readonly json: string;
}

/** Every top-level key of a PDU in canonical order. */
const FIELDS = [
  'auth_events',
  'content',
  'depth',
  'event_id',
  'hashes',
  'origin_server_ts',
  'prev_events',
  'redacts',
  'room_id',
  'sender',
  'signatures',
  'state_key',
  'type',
] as const;
type Fields = { -readonly [Name in (typeof FIELDS)[number]]?: string };

/** 144 bits of a hash in base64: an id has to leave room for the name of the server. */
const CHOSEN_CHARACTERS = 24;

/** The canonical JSON of an object whose values are encoded already. Each text of an event shares most of its parts. */
function assemble(fields: Fields): string {
  let out = '';
  for (const name of FIELDS) {
    const text = fields[name];
    if (text !== undefined) out += `${out === '' ? '{' : ','}"${name}":${text}`;
  }
  return `${out}}`;
}

/**
 * Hashes, signs and names an event by the rules of its room version.
 * Source: https://spec.matrix.org/v1.19/server-server-api/#adding-hashes-and-signatures-to-outgoing-events
 *
 * @throws CanonicalJsonError if the content has no canonical form; its `path` begins within the content.
 */
export function buildEvent(prototype: EventPrototype, rules: RoomVersionRules, signer: EventSigner): BuiltEvent {
  const isHashedCreate = rules.roomIdIsCreateHash && prototype.type === 'm.room.create';
  const roomId = isHashedCreate ? undefined : prototype.room_id;
  if (roomId === undefined && !isHashedCreate) throw new TypeError('this event needs a room_id');
  const { content, redacts } = placeRedacts(prototype, rules);
  const fields = encodeFields(prototype, content, roomId, redacts, rules);
  const chosenId = rules.eventIdFormat === 'server-chosen' ? chooseEventId(fields, signer) : undefined;
  if (chosenId !== undefined) fields.event_id = JSON.stringify(chosenId);

  const sha256 = sha256Base64(assemble(fields));
  fields.hashes = `{"sha256":"${sha256}"}`;
  const essential = assemble(redactFields(fields, prototype.type, content, rules));
  const signature = signer.key.sign(essential);
  const eventId = chosenId ?? eventIdOfText(essential, rules);
  fields.signatures = `{${JSON.stringify(signer.serverName)}:{"${signer.key.keyId}":"${signature}"}}`;

  const pdu: Pdu = {
    auth_events: [...prototype.auth_events],
    content,
    depth: prototype.depth,
    ...(chosenId === undefined ? {} : { event_id: chosenId }),
    hashes: { sha256 },
    origin_server_ts: prototype.origin_server_ts,
    prev_events: [...prototype.prev_events],
    ...(redacts === undefined ? {} : { redacts }),
    ...(roomId === undefined ? {} : { room_id: roomId }),
    sender: prototype.sender,
    signatures: { [signer.serverName]: { [signer.key.keyId]: signature } },
    ...(prototype.state_key === undefined ? {} : { state_key: prototype.state_key }),
    type: prototype.type,
  };
  return { eventId, roomId: (roomId ?? roomIdFromCreateEventId(eventId)) as RoomId, pdu, json: assemble(fields) };
}

/**
 * The id of an event where servers choose it: like no other's of this server, since no other says the same in the same
 * place. That is hashed and not drawn by lot, so that an event has one id here as it has where ids are hashes.
 * Source: https://spec.matrix.org/v1.19/rooms/v1/#event-ids
 */
function chooseEventId(fields: Fields, { serverName }: EventSigner): EventId {
  return `$${toUrlSafe(sha256Base64(assemble(fields))).slice(0, CHOSEN_CHARACTERS)}:${serverName}` as EventId;
}

/** Where a redaction names its event: in the content since version 11, beside it before. */
function placeRedacts(prototype: EventPrototype, rules: RoomVersionRules): { content: JsonObject; redacts?: string } {
  const { content, redacts } = prototype;
  if (redacts === undefined) return { content };
  return rules.redaction.redactsInContent ? { content: withKey(content, 'redacts', redacts) } : { content, redacts };
}

function encodeFields(
  prototype: EventPrototype,
  content: JsonObject,
  roomId: string | undefined,
  redacts: string | undefined,
  rules: RoomVersionRules,
): Fields {
  const encode = (value: JsonValue): string => canonicalJson(value, { strict: rules.strictCanonicalJson });
  const fields: Fields = {
    auth_events: encode(prototype.auth_events as EventReference[]),
    content: encode(content),
    depth: encode(prototype.depth),
    origin_server_ts: encode(prototype.origin_server_ts),
    prev_events: encode(prototype.prev_events as EventReference[]),
    sender: encode(prototype.sender),
    type: encode(prototype.type),
  };
  if (redacts !== undefined) fields.redacts = encode(redacts);
  if (roomId !== undefined) fields.room_id = encode(roomId);
  if (prototype.state_key !== undefined) fields.state_key = encode(prototype.state_key);
  return fields;
}

/** The fields of the redacted event: what signature and id cover. */
function redactFields(fields: Fields, type: string, content: JsonObject, rules: RoomVersionRules): Fields {
  const { redacts: _, ...kept } = fields;
  const redacted = redactContent(type, content, rules.redaction);
  if (redacted === content) return kept;
  return { ...kept, content: canonicalJson(redacted, { strict: rules.strictCanonicalJson }) };
}
