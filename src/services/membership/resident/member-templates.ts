import { forbidden, incompatibleRoomVersion } from '../../../protocol/errors.ts';
import type { EventPrototype } from '../../../protocol/events/build-event.ts';
import type { Membership } from '../../../protocol/events/content-readers.ts';
import { serverOf } from '../../../protocol/identifiers/parts.ts';
import type { JsonObject } from '../../../protocol/json.ts';
import type { Room } from '../../timeline/room.ts';
import type { ServerAccess } from '../../timeline/server-access.ts';
import type { Timeline } from '../../timeline/timeline.ts';
import type { JoinConditions } from '../join-conditions.ts';
import { demandAdmission } from './demand-admission.ts';

/** What another server completes and signs. */
export interface TemplateAnswer {
  readonly room_version: string;
  readonly event: EventPrototype & { readonly origin: string };
}

/** The change that a server asks for one of its users. */
export interface TemplateRequest {
  /** The server that asks. */
  readonly origin: string;
  readonly roomId: string;
  readonly userId: string;
}

export interface MemberTemplatesParts {
  readonly timeline: Timeline;
  readonly access: ServerAccess;
  readonly conditions: JoinConditions;
  readonly serverName: string;
  readonly isLocal: (userId: string) => boolean;
}

/**
 * Templates of the events by which users of other servers join rooms of this one, leave them or knock.
 * Source: https://spec.matrix.org/v1.19/server-server-api/#joining-rooms
 */
export class MemberTemplates {
  private readonly parts: MemberTemplatesParts;

  constructor(parts: MemberTemplatesParts) {
    this.parts = parts;
  }

  /**
   * @param versions the room versions that the other server knows
   * @throws M_INCOMPATIBLE_ROOM_VERSION, M_UNABLE_TO_AUTHORISE_JOIN, M_UNABLE_TO_GRANT_JOIN, M_NOT_FOUND, M_FORBIDDEN
   */
  async join(request: TemplateRequest, versions: readonly string[]): Promise<TemplateAnswer> {
    const room = await this.room(request);
    requireVersion(room, versions);
    const { conditions, isLocal } = this.parts;
    const voucher = demandAdmission(await conditions.admission(room, request.userId, isLocal));
    const more = voucher === undefined ? {} : { join_authorised_via_users_server: voucher };
    return this.template(room, request.userId, 'join', more);
  }

  /** @throws M_NOT_FOUND, M_FORBIDDEN */
  async leave(request: TemplateRequest): Promise<TemplateAnswer> {
    return this.template(await this.room(request), request.userId, 'leave');
  }

  /** @throws M_INCOMPATIBLE_ROOM_VERSION, M_NOT_FOUND, M_FORBIDDEN */
  async knock(request: TemplateRequest, versions: readonly string[]): Promise<TemplateAnswer> {
    const room = await this.room(request);
    requireVersion(room, versions);
    return this.template(room, request.userId, 'knock');
  }

  private async room({ origin, roomId, userId }: TemplateRequest): Promise<Room> {
    if (serverOf(userId) !== origin) throw forbidden('The user is not of the server that asks');
    return this.parts.access.residentRoom(origin, roomId);
  }

  private template(room: Room, userId: string, membership: Membership, more: JsonObject = {}): TemplateAnswer {
    const { timeline, serverName } = this.parts;
    const content = { membership, ...more };
    const event = timeline.prepare(room, { type: 'm.room.member', sender: userId, stateKey: userId, content });
    return { room_version: room.version, event: { ...event, origin: serverName } };
  }
}

function requireVersion(room: Room, versions: readonly string[]): void {
  if (!versions.includes(room.version)) {
    throw incompatibleRoomVersion(room.version, 'Your homeserver does not support the version of this room');
  }
}
