import {
  badJson,
  invalidParam,
  invalidRoomState,
  MatrixError,
  roomInUse,
  unsupportedRoomVersion,
} from '../../protocol/errors.ts';
import { serverOf } from '../../protocol/identifiers/parts.ts';
import { makeRoomAlias } from '../../protocol/identifiers/room-alias.ts';
import { isUserId } from '../../protocol/identifiers/user-id.ts';
import type { JsonObject } from '../../protocol/json.ts';
import { roomVersion } from '../../protocol/room-versions/index.ts';
import type { RoomVersionRules } from '../../protocol/room-versions/rules.ts';
import { ConflictError } from '../../storage/contract/write-set.ts';
import type { Logger } from '../../util/logger.ts';
import type { Random } from '../../util/random.ts';
import type { InvitePermissions } from '../membership/invite-permissions.ts';
import { type MemberProfiles, memberContent } from '../membership/member-content.ts';
import type { RemoteInvites } from '../membership/remote/remote-invites.ts';
import type { Timeline } from '../timeline/timeline.ts';
import { createContent } from './create-content.ts';
import { type CreateRoomRequest, isOpenToAll } from './create-room-request.ts';
import { initialEvents } from './initial-events.ts';
import { initialPowerLevels } from './initial-power-levels.ts';
import type { RoomAliases } from './room-aliases.ts';

export interface RoomCreationParts {
  readonly timeline: Timeline;
  readonly aliases: RoomAliases;
  readonly profiles: MemberProfiles;
  readonly invitePermissions: InvitePermissions;
  readonly random: Random;
  readonly remoteInvites: Pick<RemoteInvites, 'send'>;
  readonly logger: Logger;
  readonly isLocal: (userId: string) => boolean;
  readonly settings: {
    readonly serverName: string;
    readonly defaultVersion: string;
    readonly encryptByDefault: 'none' | 'private' | 'all';
    readonly publishToDirectory: 'everyone' | 'admins' | 'nobody';
    readonly maxInvites: number;
  };
}

/** Who asks for a room. */
export interface RoomCreator {
  readonly userId: string;
  readonly isAdmin: boolean;
  readonly appserviceId?: string;
  /** Whether it is the server itself: its invites cannot be blocked, and it cannot encrypt. */
  readonly isServer?: boolean;
}

/** Makes rooms: all of a room's first events are one write set, so that there is never half a room. */
export class RoomCreation {
  private readonly parts: RoomCreationParts;

  constructor(parts: RoomCreationParts) {
    this.parts = parts;
  }

  /**
   * Answers the id of the new room.
   * Source: https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3createroom
   * @throws M_UNSUPPORTED_ROOM_VERSION, M_ROOM_IN_USE, M_INVALID_ROOM_STATE, M_INVITE_BLOCKED, M_BAD_JSON
   */
  async create(creator: RoomCreator, request: CreateRoomRequest): Promise<string> {
    const rules = this.rulesFor(request);
    const alias = await this.aliasFor(creator, request);
    const content = createContent(request, rules, creator.userId);
    const invites = await this.invites(creator, request);
    const { isLocal } = this.parts;
    const basics = {
      creator: creator.userId,
      join: memberContent('join', await this.parts.profiles.memberProfile(creator.userId)),
      powerLevels: initialPowerLevels(request, rules, creator.userId, creatorsIn(content, rules, creator.userId)),
      alias,
      encrypted: creator.isServer !== true && this.isEncrypted(request),
      invites: new Map([...invites].filter(([userId]) => isLocal(userId))),
    };
    const { aliases, random, settings, timeline } = this.parts;
    const drafts = initialEvents(request, basics);
    try {
      const room = await timeline.createRoom({
        rules,
        creator: creator.userId,
        content,
        isPublic: this.isPublished(creator, request),
        chooseRoomId: () => `!${random.token(18)}:${settings.serverName}`,
        following: () => drafts,
        also: (set, { nid }) => {
          if (alias !== undefined) aliases.addTo(set, alias, nid, creator.userId);
        },
      });
      await this.inviteOthers(
        creator.userId,
        room.id,
        [...invites].filter(([userId]) => !isLocal(userId)),
      );
      return room.id;
    } catch (error) {
      if (alias !== undefined && error instanceof ConflictError) throw roomInUse(`${alias} is taken`);
      if (error instanceof MatrixError && error.errcode === 'M_FORBIDDEN') throw invalidRoomState(error.message);
      throw error;
    }
  }

  /** Has users of other servers invited. The room is there, whatever their servers say. */
  private async inviteOthers(sender: string, roomId: string, invites: readonly [string, JsonObject][]): Promise<void> {
    const { logger, remoteInvites } = this.parts;
    const invite = async ([stateKey, content]: [string, JsonObject]) => {
      try {
        await remoteInvites.send(roomId, { type: 'm.room.member', sender, stateKey, content });
      } catch (error) {
        if (!(error instanceof MatrixError)) throw error;
        logger.info(
          { roomId, server: serverOf(stateKey), reason: error.message },
          'an invite to a new room was refused',
        );
      }
    };
    await Promise.all(invites.map(invite));
  }

  private rulesFor(request: CreateRoomRequest): RoomVersionRules {
    const version = request.room_version ?? this.parts.settings.defaultVersion;
    const rules = roomVersion(version);
    if (!rules) throw unsupportedRoomVersion(`Rooms of version ${version} cannot be made here`);
    return rules;
  }

  private async aliasFor(creator: RoomCreator, request: CreateRoomRequest): Promise<string | undefined> {
    const { room_alias_name: name } = request;
    if (name === undefined || name === '') return undefined;
    const alias = makeRoomAlias(name, this.parts.settings.serverName);
    if (alias === undefined) throw invalidParam('room_alias_name cannot be the local part of an alias');
    await this.parts.aliases.checkMayCreate(creator, alias);
    if ((await this.parts.aliases.resolve(alias)) !== undefined) throw roomInUse(`${alias} is taken`);
    return alias;
  }

  private isEncrypted(request: CreateRoomRequest): boolean {
    const { encryptByDefault } = this.parts.settings;
    return encryptByDefault === 'all' || (encryptByDefault === 'private' && !isOpenToAll(request));
  }

  private isPublished(creator: RoomCreator, request: CreateRoomRequest): boolean {
    if (request.visibility !== 'public') return false;
    const { publishToDirectory } = this.parts.settings;
    return publishToDirectory === 'everyone' || (publishToDirectory === 'admins' && creator.isAdmin);
  }

  private async invites(creator: RoomCreator, request: CreateRoomRequest): Promise<Map<string, JsonObject>> {
    const { invitePermissions, profiles, settings } = this.parts;
    if (request.invite_3pid && request.invite_3pid.length > 0) {
      throw new MatrixError('M_THREEPID_DENIED', 'People cannot be invited by e-mail address or telephone number here');
    }
    const users = new Set(request.invite ?? []);
    users.delete(creator.userId);
    if (users.size > settings.maxInvites) {
      throw invalidParam(`At most ${settings.maxInvites} users can be invited when a room is made`);
    }
    const invites = new Map<string, JsonObject>();
    for (const userId of users) {
      if (!isUserId(userId)) throw badJson(`invite: ${userId} is not a user id`);
      if (creator.isServer !== true) await invitePermissions.check(creator.userId, userId);
      const profile = await profiles.memberProfile(userId);
      invites.set(userId, memberContent('invite', profile, { isDirect: request.is_direct ?? false }));
    }
    return invites;
  }
}

function creatorsIn(content: JsonObject, rules: RoomVersionRules, creator: string): string[] {
  if (!rules.privilegedCreators) return [];
  const additional = content['additional_creators'];
  return [creator, ...(Array.isArray(additional) ? additional.filter((id) => typeof id === 'string') : [])];
}
