import type { FederationClient } from '../../federation/signed-client/federation-client.ts';
import { RemoteError } from '../../federation/signed-client/remote-error.ts';
import { uri } from '../../federation/signed-client/uri.ts';
import { OutgoingError } from '../../outgoing/outgoing-error.ts';
import { forbidden, invalidParam, MatrixError } from '../../protocol/errors.ts';
import { membershipIn, stringIn } from '../../protocol/events/content-readers.ts';
import { serverOf } from '../../protocol/identifiers/parts.ts';
import { isUserId } from '../../protocol/identifiers/user-id.ts';
import { isJsonObject, type JsonObject } from '../../protocol/json.ts';
import type { Logger } from '../../util/logger.ts';
import type { Room } from '../timeline/room.ts';
import type { ServerAccess } from '../timeline/server-access.ts';
import type { Timeline } from '../timeline/timeline.ts';
import { memberDraft, presentMembership } from './change-member.ts';
import type { RemoteInvites } from './remote/remote-invites.ts';

/** An invite of an address that has become the address of a user of this server. */
export interface BoundInvite {
  readonly roomId: string;
  /** Who invited the address. */
  readonly sender: string;
  /** What the identity server vouches for: user, token and signatures. */
  readonly signed: JsonObject;
}

export interface ThirdPartyInvitesParts {
  readonly timeline: Timeline;
  readonly access: ServerAccess;
  readonly remoteInvites: RemoteInvites;
  readonly client: FederationClient;
  readonly logger: Logger;
  readonly serverName: string;
  readonly settings: { readonly membershipTimeout: number };
  readonly isLocal: (userId: string) => boolean;
  /** Whether there is such an account, and it is in use. */
  readonly isActive: (userId: string) => Promise<boolean>;
}

/**
 * Turns invites of addresses into invites of the users whose addresses they have become.
 * Source: https://spec.matrix.org/v1.19/server-server-api/#third-party-invites
 */
export class ThirdPartyInvites {
  private readonly parts: ThirdPartyInvitesParts;

  constructor(parts: ThirdPartyInvitesParts) {
    this.parts = parts;
  }

  /**
   * Invites a user in the name of the one of this server who invited their address.
   * @param event what of the invite the other server knows
   * @throws M_INVALID_PARAM, M_NOT_FOUND, M_FORBIDDEN
   */
  async exchange(origin: string, roomId: string, event: JsonObject): Promise<void> {
    const { sender, state_key: userId, content } = event;
    if (event['type'] !== 'm.room.member' || event['room_id'] !== roomId) {
      throw invalidParam('The event is not m.room.member of this room');
    }
    if (!isUserId(sender) || !isUserId(userId)) throw invalidParam('sender or state_key is no user id');
    if (!isJsonObject(content) || membershipIn(content) !== 'invite') throw invalidParam('The event is no invite');
    const signed = isJsonObject(content['third_party_invite']) ? content['third_party_invite']['signed'] : undefined;
    if (!isJsonObject(signed)) throw invalidParam('The invite is not signed by an identity server');
    if (!this.parts.isLocal(sender)) throw forbidden('The user who invited the address is of another server');
    await this.invite(await this.parts.access.residentRoom(origin, roomId), sender, userId, signed);
  }

  /**
   * An identity server tells that an address now belongs to a user. Invites that come to nothing are logged: there is
   * nobody who could do anything about them.
   */
  async bound(userId: string, invites: readonly BoundInvite[]): Promise<void> {
    if (!this.parts.isLocal(userId) || !(await this.parts.isActive(userId))) {
      throw invalidParam('mxid is no user of this server');
    }
    for (const invite of invites) {
      try {
        await this.claim(userId, invite);
      } catch (error) {
        const isExpected =
          error instanceof RemoteError || error instanceof OutgoingError || error instanceof MatrixError;
        if (!isExpected || (error instanceof MatrixError && error.status >= 500)) throw error;
        this.parts.logger.warn({ roomId: invite.roomId, reason: error.message }, 'the invite of an address was lost');
      }
    }
  }

  private async claim(userId: string, { roomId, sender, signed }: BoundInvite): Promise<void> {
    const { access, client, isLocal, serverName, settings } = this.parts;
    if (isLocal(sender)) return this.invite(await access.residentRoom(serverName, roomId), sender, userId, signed);
    const destination = serverOf(sender);
    if (destination === undefined) throw invalidParam('sender is no user id');
    const invite = { display_name: userId, signed };
    await client.ask({
      destination,
      method: 'PUT',
      uri: uri`/_matrix/federation/v1/exchange_third_party_invite/${roomId}`,
      content: {
        type: 'm.room.member',
        room_id: roomId,
        sender,
        state_key: userId,
        content: { membership: 'invite', third_party_invite: invite },
      },
      timeoutMs: settings.membershipTimeout,
    });
  }

  private async invite(room: Room, sender: string, userId: string, signed: JsonObject): Promise<void> {
    const { isLocal, remoteInvites, timeline } = this.parts;
    const asked = room.get('m.room.third_party_invite', stringIn(signed, 'token') ?? '');
    const shown = { display_name: stringIn(asked?.content, 'display_name') ?? '', signed };
    const draft = memberDraft(sender, userId, { membership: 'invite', third_party_invite: shown });
    const present = presentMembership(room, userId);
    if (present === 'invite' || present === 'join') return;
    if (isLocal(userId)) await timeline.send(room.id, draft);
    else await remoteInvites.send(room.id, draft);
  }
}
