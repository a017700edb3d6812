import { canonicalJson } from '../../../protocol/canonical-json/canonical-json.ts';
import type { EventSigner } from '../../../protocol/events/build-event.ts';
import { stringIn } from '../../../protocol/events/content-readers.ts';
import type { ReceivedPdu } from '../../../protocol/events/read-pdu.ts';
import { STRIPPED_STATE_TYPES } from '../../../protocol/events/stripped-state.ts';
import type { JsonObject } from '../../../protocol/json.ts';
import { signEvent } from '../../../protocol/signing/sign-event.ts';
import type { EventCache } from '../../timeline/event-cache.ts';
import type { Room } from '../../timeline/room.ts';
import type { ServerAccess } from '../../timeline/server-access.ts';
import type { StoredEvent } from '../../timeline/stored-event.ts';
import type { Timeline } from '../../timeline/timeline.ts';
import type { EventSignatures } from '../event-signatures.ts';
import type { JoinConditions } from '../join-conditions.ts';
import { demandAdmission } from './demand-admission.ts';
import type { RoomStateAnswers } from './room-state-answer.ts';

/** An event that another server has completed and signed. */
export interface SubmittedEvent {
  /** The server that sends it. */
  readonly origin: string;
  readonly roomId: string;
  readonly eventId: string;
  readonly event: JsonObject;
}

export interface SignedMembersParts {
  readonly timeline: Timeline;
  readonly events: EventCache;
  readonly access: ServerAccess;
  readonly conditions: JoinConditions;
  readonly signatures: EventSignatures;
  readonly answers: RoomStateAnswers;
  readonly signer: EventSigner;
  readonly isLocal: (userId: string) => boolean;
}

const VOUCHER = 'join_authorised_via_users_server';

/**
 * Takes into rooms the joins, leaves and knocks of users of other servers. The same event, sent again, gets the same
 * answer.
 * Source: https://spec.matrix.org/v1.19/server-server-api/#joining-rooms
 */
export class SignedMembers {
  private readonly parts: SignedMembersParts;

  constructor(parts: SignedMembersParts) {
    this.parts = parts;
  }

  /**
   * The answer to `send_join`, as JSON.
   * @throws M_INVALID_PARAM, M_FORBIDDEN, M_NOT_FOUND, M_UNABLE_TO_AUTHORISE_JOIN, M_UNABLE_TO_GRANT_JOIN
   */
  async join(submitted: SubmittedEvent, options: { omitMembers: boolean }): Promise<string> {
    const { answers, signatures } = this.parts;
    const room = await this.room(submitted);
    const received = this.read(room, submitted, 'join');
    const isVouchedHere = this.isVouchedHere(received, room);
    const signed = isVouchedHere ? await this.vouch(room, received) : received;
    await signatures.demand(signed.pdu, room.rules);
    const servers = [...room.joinedServers.keys()];
    const event = await this.append(submitted, signed);
    const { state, authChain } = await answers.before(room, event, options);
    const members = [`"state":${state}`, `"auth_chain":${authChain}`, `"members_omitted":${options.omitMembers}`];
    if (options.omitMembers) members.push(`"servers_in_room":${JSON.stringify(servers)}`);
    if (isVouchedHere) members.push(`"event":${event.json}`);
    return `{${members.join(',')}}`;
  }

  /** @throws M_INVALID_PARAM, M_FORBIDDEN, M_NOT_FOUND */
  async leave(submitted: SubmittedEvent): Promise<void> {
    await this.take(submitted, 'leave');
  }

  /** Answers what identifies the room: events of its state. @throws M_INVALID_PARAM, M_FORBIDDEN, M_NOT_FOUND */
  async knock(submitted: SubmittedEvent): Promise<JsonObject[]> {
    const room = await this.take(submitted, 'knock');
    return identifyingState(room);
  }

  private async take(submitted: SubmittedEvent, membership: 'leave' | 'knock'): Promise<Room> {
    const room = await this.room(submitted);
    const received = this.read(room, submitted, membership);
    await this.parts.signatures.demand(received.pdu, room.rules);
    await this.append(submitted, received);
    return room;
  }

  private room({ origin, roomId }: SubmittedEvent): Promise<Room> {
    return this.parts.access.residentRoom(origin, roomId);
  }

  private read(room: Room, submitted: SubmittedEvent, membership: 'join' | 'leave' | 'knock'): ReceivedPdu {
    const { origin, roomId, eventId, event } = submitted;
    return this.parts.signatures.read(event, room.rules, { roomId, eventId, membership, origin, of: 'sender' });
  }

  private isVouchedHere({ pdu }: ReceivedPdu, room: Room): boolean {
    const voucher = stringIn(pdu.content, VOUCHER);
    return room.rules.restrictedJoinRule && voucher !== undefined && this.parts.isLocal(voucher);
  }

  /** The event with this server's signature, which says that the user meets a condition of the join rule now. */
  private async vouch(room: Room, received: ReceivedPdu): Promise<ReceivedPdu> {
    const { conditions, isLocal, signer } = this.parts;
    demandAdmission(await conditions.admission(room, received.pdu.sender, isLocal));
    signEvent(received.pdu, room.rules, signer);
    return { ...received, json: canonicalJson(received.pdu, { strict: room.rules.strictCanonicalJson }) };
  }

  private async append({ roomId, origin }: SubmittedEvent, received: ReceivedPdu): Promise<StoredEvent> {
    const { timeline, events } = this.parts;
    const appended = await timeline.change(roomId, async (turn, room) => {
      const known = await events.byId(received.eventId, room);
      if (known && known.position > 0) return { events: [known], done: Promise.resolve() };
      return timeline.appendSigned(turn, room, received, { relayedFrom: origin });
    });
    return appended[0]!;
  }
}

/** The state by which a room is recognised from outside, as events. */
export function identifyingState(room: Room): JsonObject[] {
  return STRIPPED_STATE_TYPES.map((type) => room.decidedState.get(type, ''))
    .filter((event) => event !== undefined)
    .map((event) => event.pdu);
}
