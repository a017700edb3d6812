import { forbidden, MatrixError } from '../../protocol/errors.ts';
import { joinRuleIn, roomTypeIn, stringIn } from '../../protocol/events/content-readers.ts';
import { compileGlob } from '../../protocol/glob.ts';
import type { JsonObject } from '../../protocol/json.ts';
import type { Room } from '../timeline/room.ts';
import type { RoomCache } from '../timeline/room-cache.ts';
import type { Timeline } from '../timeline/timeline.ts';
import type { IdentityServer, IdentityServers, ThirdPartyAddress } from './identity-servers.ts';
import type { MemberProfile, MemberProfiles } from './member-content.ts';
import type { Membership } from './membership.ts';

export interface AddressInvitesParts {
  readonly rooms: RoomCache;
  readonly timeline: Timeline;
  readonly profiles: MemberProfiles;
  readonly identity: IdentityServers;
  readonly membership: Membership;
  /** Patterns of the identity servers that may be asked. */
  readonly settings: { readonly identityServers: readonly string[] };
}

/**
 * Invites people of whom only an address is known.
 * Source: https://spec.matrix.org/v1.19/client-server-api/#third-party-invites
 */
export class AddressInvites {
  private readonly parts: AddressInvitesParts;

  constructor(parts: AddressInvitesParts) {
    this.parts = parts;
  }

  /**
   * Invites the user who has the address, or whoever will.
   * @throws M_THREEPID_DENIED if nobody can be invited so; M_SERVER_NOT_TRUSTED; M_FORBIDDEN; M_UNKNOWN 502 if the identity server does not answer as it should
   */
  async invite(sender: string, roomId: string, identity: IdentityServer, address: ThirdPartyAddress): Promise<void> {
    this.demandTrusted(identity.server);
    const { identity: servers, membership, profiles, rooms, timeline } = this.parts;
    const room = await rooms.get(roomId);
    if (!room?.isJoined(sender)) throw forbidden('You are not in this room');
    // Before anybody outside is told of an invite that the room would refuse.
    timeline.prepare(room, inviteDraft(sender, 'token', { display_name: '', public_key: '', key_validity_url: '' }));
    const userId = await servers.lookup(identity, address);
    if (userId !== undefined) return membership.invite(sender, roomId, userId);
    const about = aboutInvite(room, sender, await profiles.memberProfile(sender));
    const { token, content } = await servers.storeInvite(identity, address, about);
    await timeline.send(roomId, inviteDraft(sender, token, content));
  }

  private demandTrusted(server: string): void {
    const { identityServers } = this.parts.settings;
    if (identityServers.length === 0) {
      throw new MatrixError('M_THREEPID_DENIED', 'People cannot be invited by e-mail address or telephone number here');
    }
    if (!identityServers.some((pattern) => compileGlob(pattern)(server))) {
      throw new MatrixError('M_SERVER_NOT_TRUSTED', `${server} is not asked from here`);
    }
  }
}

function inviteDraft(sender: string, token: string, content: JsonObject) {
  return { type: 'm.room.third_party_invite', sender, stateKey: token, content };
}

/** What the identity server may tell the invited person. */
function aboutInvite(room: Room, sender: string, profile: MemberProfile): JsonObject {
  const text = (type: string, key: string) => stringIn(room.get(type, '')?.content, key);
  const about: JsonObject = {
    room_id: room.id,
    sender,
    room_join_rules: joinRuleIn(room.get('m.room.join_rules', '')?.content),
  };
  const more: [string, string | undefined][] = [
    ['room_alias', text('m.room.canonical_alias', 'alias')],
    ['room_name', text('m.room.name', 'name')],
    ['room_avatar_url', text('m.room.avatar', 'url')],
    ['room_type', roomTypeIn(room.get('m.room.create', '')?.content)],
    ['sender_display_name', profile.displayname],
    ['sender_avatar_url', profile.avatar_url],
  ];
  for (const [key, value] of more) if (value !== undefined) about[key] = value;
  return about;
}
