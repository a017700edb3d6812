import type { FederationClient } from '../../../federation/signed-client/federation-client.ts';
import { RemoteError } from '../../../federation/signed-client/remote-error.ts';
import { uri } from '../../../federation/signed-client/uri.ts';
import { canonicalJson } from '../../../protocol/canonical-json/canonical-json.ts';
import { notFound, unknown, unsupportedRoomVersion } from '../../../protocol/errors.ts';
import { type BuiltEvent, buildEvent, type EventSigner } from '../../../protocol/events/build-event.ts';
import { serverOf } from '../../../protocol/identifiers/parts.ts';
import type { ServerName } from '../../../protocol/identifiers/server-name.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../../protocol/json.ts';
import { addSignature, signaturesOf } from '../../../protocol/signing/sign-json.ts';
import { canonical } from '../../timeline/canonical.ts';
import type { Room } from '../../timeline/room.ts';
import type { RoomCache } from '../../timeline/room-cache.ts';
import type { SignedEvent, StoredEvent } from '../../timeline/stored-event.ts';
import type { EventDraft, Timeline } from '../../timeline/timeline.ts';
import type { EventSignatures } from '../event-signatures.ts';
import { identifyingState } from '../resident/signed-members.ts';
import { BadAnswerError, isOfServer, refusal } from './try-servers.ts';

export interface RemoteInvitesParts {
  readonly client: FederationClient;
  readonly timeline: Timeline;
  readonly rooms: RoomCache;
  readonly signatures: EventSignatures;
  readonly signer: EventSigner;
  readonly settings: { readonly membershipTimeout: number };
}

/** Invites users of other servers to rooms of this one. */
export class RemoteInvites {
  private readonly parts: RemoteInvitesParts;

  constructor(parts: RemoteInvitesParts) {
    this.parts = parts;
  }

  /**
   * Has the invite signed by the server of the invited user, and then puts it into the room.
   * Source: https://spec.matrix.org/v1.19/server-server-api/#inviting-to-a-room
   * @throws M_FORBIDDEN, M_INVITE_BLOCKED, M_UNSUPPORTED_ROOM_VERSION as the other server says; M_UNKNOWN 502 if it cannot
   *   be reached; what the rules of the room say
   */
  async send(roomId: string, draft: EventDraft & { readonly stateKey: string }): Promise<StoredEvent> {
    const { rooms, signer, timeline } = this.parts;
    const room = await rooms.get(roomId);
    if (!room) throw notFound('This server does not know the room');
    const built = canonical(() => buildEvent(timeline.prepare(room, draft), room.rules, signer));
    const signed = await this.signedBy(serverOf(draft.stateKey)!, room, built);
    const events = await timeline.change(roomId, (turn, now) => timeline.appendSigned(turn, now, signed));
    return events[0]!;
  }

  private async signedBy(server: ServerName, room: Room, built: BuiltEvent): Promise<SignedEvent> {
    try {
      return await this.ask(server, room, built);
    } catch (error) {
      if (!isOfServer(error)) throw error;
      if (error instanceof RemoteError && error.errcode === 'M_INCOMPATIBLE_ROOM_VERSION') {
        throw unsupportedRoomVersion(`${server} does not support the version of this room`);
      }
      if (error instanceof RemoteError) throw refusal(error);
      throw unknown(`${server} could not be asked to take the invite`, { status: 502, cause: error });
    }
  }

  private async ask(server: ServerName, room: Room, built: BuiltEvent): Promise<SignedEvent> {
    const { client, settings, signatures } = this.parts;
    const answer = await client.ask({
      destination: server,
      method: 'PUT',
      uri: uri`/_matrix/federation/v2/invite/${room.id}/${built.eventId}`,
      content: { room_version: room.version, event: built.pdu, invite_room_state: stateFor(room, built) },
      timeoutMs: settings.membershipTimeout,
    });
    const pdu = withSignaturesOf(server, built, answer['event']);
    if (!(await signatures.isSignedBy(pdu, room.rules, server))) {
      throw new BadAnswerError('answered with an invite that it has not signed');
    }
    return { eventId: built.eventId, pdu, json: canonicalJson(pdu, { strict: room.rules.strictCanonicalJson }) };
  }
}

/** What identifies the room, and who invites. */
function stateFor(room: Room, { pdu }: BuiltEvent): JsonObject[] {
  const inviter = room.decidedState.get('m.room.member', pdu.sender);
  return inviter ? [...identifyingState(room), inviter.pdu] : identifyingState(room);
}

/** The invite as it was built here: of the answer, only the signatures are taken. */
function withSignaturesOf(
  server: ServerName,
  { json }: BuiltEvent,
  answered: JsonValue | undefined,
): BuiltEvent['pdu'] {
  const pdu = JSON.parse(json) as BuiltEvent['pdu'];
  const signatures = isJsonObject(answered) ? signaturesOf(answered, server) : new Map<string, string>();
  for (const [keyId, signature] of signatures) addSignature(pdu, server, keyId, signature);
  return pdu;
}
