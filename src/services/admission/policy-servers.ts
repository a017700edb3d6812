import type { FederationClient } from '../../federation/signed-client/federation-client.ts';
import { RemoteError } from '../../federation/signed-client/remote-error.ts';
import { OutgoingError } from '../../outgoing/outgoing-error.ts';
import { canonicalJson } from '../../protocol/canonical-json/canonical-json.ts';
import { ERRORS, type Errcode } from '../../protocol/error-catalogue.ts';
import { forbidden, MatrixError } from '../../protocol/errors.ts';
import { stringIn } from '../../protocol/events/content-readers.ts';
import type { Pdu } from '../../protocol/events/pdu.ts';
import { isJsonObject, type JsonObject } from '../../protocol/json.ts';
import type { RoomVersionRules } from '../../protocol/room-versions/rules.ts';
import {
  hasPolicySignature,
  isUnderPolicy,
  POLICY_KEY_ID,
  POLICY_TYPE,
  type RoomPolicy,
  roomPolicyIn,
} from '../../protocol/signing/policy-signature.ts';
import { addSignature } from '../../protocol/signing/sign-json.ts';
import type { SigningKey } from '../../protocol/signing/signing-key.ts';
import { Lru } from '../../util/lru.ts';
import type { Admission } from './admission.ts';
import { policySignature } from './policy-key.ts';

/** What has to be known of a room. */
export interface PolicyRoom {
  readonly id: string;
  readonly rules: RoomVersionRules;
  readonly joinedServers: ReadonlyMap<string, number>;
  /** The current state. */
  get(type: string, stateKey: string): { readonly content: JsonObject } | undefined;
}

/** An event with its id and canonical JSON. */
export interface EventInHand {
  readonly eventId: string;
  readonly pdu: Pdu;
  readonly json: string;
}

export interface PolicyServersParts {
  readonly client: Pick<FederationClient, 'ask'>;
  readonly admission: Admission;
  readonly serverName: string;
  /** With which this server signs as the policy server of rooms; undefined if it is none. */
  readonly key: SigningKey | undefined;
  /** `timeout` in milliseconds; `refusals`: how many are remembered, so that nobody is asked twice. */
  readonly limits: { readonly timeout: number; readonly refusals: number };
}

/**
 * Asks the policy servers of rooms for their recommendation of events.
 * Source: https://spec.matrix.org/v1.19/server-server-api/#policy-servers
 */
export class PolicyServers {
  private readonly parts: PolicyServersParts;
  private readonly policies = new WeakMap<JsonObject, { readonly policy: RoomPolicy | undefined }>();
  private readonly refused: Lru<string, true>;

  constructor(parts: PolicyServersParts) {
    this.parts = parts;
    this.refused = new Lru({ max: parts.limits.refusals });
  }

  /**
   * The policy that an event of the room is under, if any.
   * Source: https://spec.matrix.org/v1.19/server-server-api/#determining-if-a-policy-server-is-enabled-in-a-room
   */
  policyOn(room: PolicyRoom, type: string, stateKey: string | undefined): RoomPolicy | undefined {
    const content = room.get(POLICY_TYPE, '')?.content;
    if (!content || !isUnderPolicy({ type, state_key: stateKey })) return undefined;
    let known = this.policies.get(content);
    if (!known) {
      known = { policy: roomPolicyIn(content) };
      this.policies.set(content, known);
    }
    const { policy } = known;
    return policy && room.joinedServers.has(policy.via) ? policy : undefined;
  }

  /** Whether it is this server that recommends: then nobody has to be waited for. */
  isOwn({ via }: RoomPolicy): boolean {
    return via === this.parts.serverName;
  }

  /** Whether the event is under no policy, or has the signature of the policy server of today. */
  hasRecommended(room: PolicyRoom, { pdu }: EventInHand): boolean {
    const policy = this.policyOn(room, pdu.type, pdu.state_key);
    return policy === undefined || hasPolicySignature(pdu, room.rules, policy);
  }

  /** Whether nobody has a say on the event. */
  isFree(room: PolicyRoom, { pdu }: EventInHand): boolean {
    return this.parts.admission.isOpen && this.policyOn(room, pdu.type, pdu.state_key) === undefined;
  }

  /**
   * The event with the signature of its policy server.
   * @throws what that server answers, or M_FORBIDDEN if it cannot be asked or its signature does not hold
   */
  async sign<E extends EventInHand>(policy: RoomPolicy, room: PolicyRoom, event: E): Promise<E> {
    const { key, serverName } = this.parts;
    const signature =
      policy.via !== serverName ? await this.ask(policy, event) : key && policySignature(event.pdu, room.rules, key);
    const signed = signature === undefined ? event : withSignature(event, room.rules, policy.via, signature);
    if (!hasPolicySignature(signed.pdu, room.rules, policy)) {
      throw forbidden('The policy server of the room does not recommend this event');
    }
    return signed;
  }

  /**
   * An event of another server with the recommendation of the room's policy server and of the gates here, or undefined
   * if it has none: it is to be soft-failed then.
   */
  async recommended<E extends EventInHand>(
    origin: string | undefined,
    room: PolicyRoom,
    event: E,
  ): Promise<E | undefined> {
    const { admission } = this.parts;
    const { type, sender, content, state_key: stateKey } = event.pdu;
    if (this.isFree(room, event)) return event;
    const policy = this.policyOn(room, type, stateKey);
    if (this.refused.has(event.eventId)) return undefined;
    try {
      const isSigned = policy === undefined || hasPolicySignature(event.pdu, room.rules, policy);
      if (!admission.isOpen) {
        const { eventId } = event;
        await admission.admit({
          ...{ entrance: 'federation', roomId: room.id, type, sender, stateKey, content, eventId, origin },
        });
      }
      return isSigned ? event : await this.sign(policy, room, event);
    } catch (error) {
      if (!(error instanceof MatrixError)) throw error;
      this.refused.set(event.eventId, true);
      return undefined;
    }
  }

  private async ask({ via }: RoomPolicy, event: EventInHand): Promise<string | undefined> {
    const { client, limits } = this.parts;
    try {
      const answer = await client.ask({
        destination: via,
        method: 'POST',
        uri: '/_matrix/policy/v1/sign',
        content: event.pdu,
        timeoutMs: limits.timeout,
      });
      const ofServer = Object.hasOwn(answer, via) ? answer[via] : undefined;
      return stringIn(isJsonObject(ofServer) ? ofServer : undefined, POLICY_KEY_ID);
    } catch (error) {
      if (error instanceof RemoteError) throw refusalOf(error);
      if (error instanceof OutgoingError) throw forbidden('The policy server of the room cannot be reached');
      throw error;
    }
  }
}

/** What the policy server answered, for the client; what is no error of Matrix is a refusal all the same. */
function refusalOf({ errcode, status, body, retryAfterMs }: RemoteError): MatrixError {
  const text = stringIn(body, 'error') ?? 'The policy server of the room does not recommend this event';
  const isKnown = errcode !== undefined && Object.hasOwn(ERRORS, errcode) && status >= 400 && status < 500;
  if (!isKnown) return forbidden(text);
  const extra = retryAfterMs === undefined ? {} : { extra: { retry_after_ms: retryAfterMs } };
  return new MatrixError(errcode as Errcode, text, { status, ...extra });
}

function withSignature<E extends EventInHand>(event: E, rules: RoomVersionRules, server: string, signature: string): E {
  const pdu: JsonObject = Object.create(null);
  for (const key of Object.keys(event.pdu)) pdu[key] = event.pdu[key];
  pdu['signatures'] = structuredClone(event.pdu.signatures);
  addSignature(pdu, server, POLICY_KEY_ID, signature);
  return { ...event, pdu: pdu as Pdu, json: canonicalJson(pdu, { strict: rules.strictCanonicalJson }) };
}
