import { badJson, forbidden, MatrixError, notFound, unrecognized } from '../../protocol/errors.ts';
import { redactsOf } from '../../protocol/events/content-readers.ts';
import type { Pdu } from '../../protocol/events/pdu.ts';
import type { JsonObject } from '../../protocol/json.ts';
import { hasValidContentHash } from '../../protocol/signing/event-hash.ts';
import { isUnderPolicy, POLICY_KEY_ID, POLICY_TYPE, roomPolicyIn } from '../../protocol/signing/policy-signature.ts';
import type { SigningKey } from '../../protocol/signing/signing-key.ts';
import { Lru } from '../../util/lru.ts';
import type { Admission } from '../admission/admission.ts';
import { policySignature } from '../admission/policy-key.ts';
import type { EventChecks } from '../timeline/receive-pdu/check-signatures.ts';
import type { Room } from '../timeline/room.ts';
import type { RoomCache } from '../timeline/room-cache.ts';
import { aclAllows } from '../timeline/server-access.ts';
import type { SignedEvent } from '../timeline/stored-event.ts';

export interface PolicyServerParts {
  readonly rooms: RoomCache;
  readonly admission: Admission;
  readonly checks: Pick<EventChecks, 'check'>;
  readonly serverName: string;
  /** Undefined: this server is none. */
  readonly key: SigningKey | undefined;
  /** How many answers are remembered: whole rooms ask about the same event. */
  readonly limits: { readonly answers: number };
}

/** Signatures by the server that made them and the id of the key. */
export type PolicySignatures = Readonly<Record<string, Readonly<Record<string, string>>>>;

/**
 * What this server says of the events of rooms that have made it their policy server.
 * Source: https://spec.matrix.org/v1.19/server-server-api/#policy-servers
 */
export class PolicyServer {
  private readonly parts: PolicyServerParts;
  /** Outcomes by event id, so that an event is judged once and everybody is told the same. */
  private readonly answers: Lru<string, Promise<PolicySignatures>>;

  constructor(parts: PolicyServerParts) {
    this.parts = parts;
    this.answers = new Lru({ max: parts.limits.answers });
  }

  /** The key by which rooms know this policy server, as base64; undefined if it is none. */
  get publicKey(): string | undefined {
    return this.parts.key?.publicKey;
  }

  /**
   * Signs an event that the gates let in.
   * @throws M_UNRECOGNIZED if this is no policy server; M_NOT_FOUND if it is not that of the room; M_FORBIDDEN 403 if the
   *   room shuts the asking server out; M_BAD_JSON, M_FORBIDDEN 400 if the event is malformed or refused
   */
  async sign(origin: string, received: JsonObject): Promise<PolicySignatures> {
    const { key, rooms } = this.parts;
    if (key === undefined) throw unrecognized();
    const roomId = received['room_id'];
    const room = typeof roomId === 'string' ? await rooms.get(roomId) : undefined;
    if (!room || !this.protects(room)) throw notFound('This server is not the policy server of such a room');
    if (!aclAllows(room, origin)) throw forbidden('Your server is not allowed to take part in this room');
    const event = await this.checked(room, received);
    const known = this.answers.get(event.eventId);
    if (known) return known;
    const answer = this.judge(origin, room, event, key);
    this.answers.set(event.eventId, answer);
    answer.catch((error: unknown) => {
      // What went wrong here is not the event's fault: it may be asked about again.
      if (!(error instanceof MatrixError)) this.answers.delete(event.eventId);
    });
    return answer;
  }

  private protects(room: Room): boolean {
    const { serverName } = this.parts;
    return roomPolicyIn(room.get(POLICY_TYPE, '')?.content)?.via === serverName && room.joinedServers.has(serverName);
  }

  private async checked(room: Room, received: JsonObject): Promise<SignedEvent> {
    const [checked] = await this.parts.checks.check([received], room.rules, room.id);
    if (!checked?.ok) throw badJson(checked?.error);
    // Whose hash does not hold was redacted by the checks: what it says cannot be judged.
    if (!hasValidContentHash(received, room.rules)) throw badJson('The content hash does not match');
    if (!isUnderPolicy(checked.event.pdu)) throw badJson('Policy servers do not sign the event that names them');
    return checked.event;
  }

  private async judge(origin: string, room: Room, event: SignedEvent, key: SigningKey): Promise<PolicySignatures> {
    const { admission, serverName } = this.parts;
    await admission.admit(candidateOf(origin, room, event)).catch(asBadRequest);
    return { [serverName]: { [POLICY_KEY_ID]: policySignature(event.pdu, room.rules, key) } };
  }
}

function candidateOf(origin: string, room: Room, { eventId, pdu }: { eventId: string; pdu: Pdu }) {
  const { type, sender, content, state_key: stateKey } = pdu;
  const redacts = type === 'm.room.redaction' ? redactsOf(pdu, room.rules) : undefined;
  return { entrance: 'sign' as const, roomId: room.id, type, sender, stateKey, content, redacts, eventId, origin };
}

/** A status of 429 would be about the asking server and stop all of its users. */
function asBadRequest(error: unknown): never {
  if (!(error instanceof MatrixError)) throw error;
  throw new MatrixError('M_FORBIDDEN', error.message, { status: 400, ...(error.extra ? { extra: error.extra } : {}) });
}
