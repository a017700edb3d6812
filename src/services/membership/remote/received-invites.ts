import { canonicalJson } from '../../../protocol/canonical-json/canonical-json.ts';
import { forbidden, incompatibleRoomVersion, invalidParam, inviteBlocked } from '../../../protocol/errors.ts';
import type { EventSigner } from '../../../protocol/events/build-event.ts';
import type { Pdu } from '../../../protocol/events/pdu.ts';
import type { ReceivedPdu } from '../../../protocol/events/read-pdu.ts';
import { type StrippedStateEvent, strippedState } from '../../../protocol/events/stripped-state.ts';
import type { JsonObject, JsonValue } from '../../../protocol/json.ts';
import { roomVersion } from '../../../protocol/room-versions/index.ts';
import type { RoomVersionRules } from '../../../protocol/room-versions/rules.ts';
import { signEvent } from '../../../protocol/signing/sign-event.ts';
import type { PduReceiver } from '../../timeline/receive-pdu/pdu-receiver.ts';
import type { RoomCache } from '../../timeline/room-cache.ts';
import { aclAllows, isServerIn } from '../../timeline/server-access.ts';
import type { EventSignatures } from '../event-signatures.ts';
import type { InviteChoices } from '../invite-permissions.ts';
import type { UserRooms } from '../user-rooms.ts';
import { readInviteState } from './identifying-state.ts';
import type { OutsideMemberships } from './outside-memberships.ts';

/** An invite that another server has sent. */
export interface SentInvite {
  readonly origin: string;
  readonly roomId: string;
  readonly eventId: string;
  /** Of the room, as the other server says. */
  readonly version: string;
  readonly event: JsonObject;
  /** What identifies the room: `invite_room_state`. */
  readonly roomState: readonly JsonValue[] | undefined;
}

export interface ReceivedInvitesParts {
  readonly rooms: RoomCache;
  readonly userRooms: UserRooms;
  readonly outside: OutsideMemberships;
  readonly signatures: EventSignatures;
  readonly receiver: PduReceiver;
  readonly signer: EventSigner;
  readonly choices: InviteChoices;
  /** Whether there is such an account, and it is in use. */
  readonly isActive: (userId: string) => Promise<boolean>;
  readonly settings: {
    /** Rooms that a user may be invited to at a time. */
    readonly pendingInvitesPerUser: number;
  };
}

/**
 * Invites of users of this server by users of others.
 * Source: https://spec.matrix.org/v1.19/server-server-api/#inviting-to-a-room
 */
export class ReceivedInvites {
  private readonly parts: ReceivedInvitesParts;

  constructor(parts: ReceivedInvitesParts) {
    this.parts = parts;
  }

  /**
   * Stores an invite and answers it with the signature of this server.
   * @throws M_INCOMPATIBLE_ROOM_VERSION, M_INVALID_PARAM, M_INVITE_BLOCKED, M_FORBIDDEN
   */
  async accept(sent: SentInvite): Promise<JsonObject> {
    const { signatures, signer } = this.parts;
    const { origin, roomId, eventId } = sent;
    const rules = rulesOf(sent);
    const expected = { roomId, eventId, origin, membership: 'invite', of: { server: signer.serverName } } as const;
    const received = signatures.read(sent.event, rules, expected);
    const isResident = await this.isResident(sent, rules);
    await this.demandWelcome(received.pdu, roomId);
    await signatures.demand(received.pdu, rules);
    const state = await readInviteState(signatures, roomId, rules, sent.roomState ?? []);
    if (typeof state === 'string') throw invalidParam(state);
    signEvent(received.pdu, rules, signer);
    if (isResident) await this.parts.receiver.receive(origin, roomId, [received.pdu]);
    else await this.store(received, rules, state);
    return received.pdu;
  }

  /** Whether this server is in the room: then it judges the invite like any event. */
  private async isResident({ origin, roomId }: SentInvite, rules: RoomVersionRules): Promise<boolean> {
    const room = await this.parts.rooms.get(roomId);
    if (!room) return false;
    if (room.version !== rules.version) throw invalidParam(`The room is of version ${room.version}`);
    if (!isServerIn(room, this.parts.signer.serverName)) return false;
    if (!aclAllows(room, origin)) throw forbidden('Your server is not allowed to take part in this room');
    return true;
  }

  private async demandWelcome(pdu: Pdu, roomId: string): Promise<void> {
    const { choices, isActive, settings, userRooms } = this.parts;
    const userId = pdu.state_key!;
    if (!(await isActive(userId))) throw forbidden(`${userId} cannot be invited`);
    if (await choices.blocks(userId, pdu.sender)) throw inviteBlocked(`${userId} does not accept this invite`);
    const invites = [...(await userRooms.of(userId)).values()].filter((room) => room.membership === 'invite');
    if (invites.length >= settings.pendingInvitesPerUser && !invites.some((room) => room.roomId === roomId)) {
      throw forbidden(`${userId} is invited to too many rooms already`);
    }
  }

  private async store({ eventId, roomId, pdu }: ReceivedPdu, rules: RoomVersionRules, state: StrippedStateEvent[]) {
    const json = canonicalJson(pdu, { strict: rules.strictCanonicalJson });
    // The member event is the invite itself, whatever came beside it.
    const others = state.filter((event) => event.type !== 'm.room.member' || event.state_key !== pdu.state_key);
    await this.parts.outside.put({
      ...{ roomId, rules, userId: pdu.state_key!, membership: 'invite', event: { eventId, pdu, json } },
      strippedState: JSON.stringify([...others, strippedState(pdu)]),
    });
  }
}

function rulesOf({ version, roomId }: SentInvite): RoomVersionRules {
  const rules = roomVersion(version);
  if (!rules) throw incompatibleRoomVersion(version, 'This server does not support the version of this room');
  if (rules.roomIdIsCreateHash === roomId.includes(':')) {
    throw invalidParam(`The room id is none of a room of version ${version}`);
  }
  return rules;
}
