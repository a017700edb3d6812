import { notFound, unknown } from '../../protocol/errors.ts';
import { membershipIn } from '../../protocol/events/content-readers.ts';
import { isUserId } from '../../protocol/identifiers/user-id.ts';
import type { JsonObject } from '../../protocol/json.ts';
import type { Storage } from '../../storage/contract/storage.ts';
import { WriteSet } from '../../storage/contract/write-set.ts';
import { KeyedTurns } from '../../util/keyed-turns.ts';
import type { Random } from '../../util/random.ts';
import type { Tags } from '../account-data/tags.ts';
import type { Accounts } from '../accounts/accounts.ts';
import { memberContent } from '../membership/member-content.ts';
import type { Membership } from '../membership/membership.ts';
import type { Profiles } from '../profiles/profiles.ts';
import type { EventSender } from '../rooms/event-sender.ts';
import type { RoomCreation } from '../rooms/room-creation.ts';
import type { RoomCache } from '../timeline/room-cache.ts';
import type { Timeline } from '../timeline/timeline.ts';
import { ensureNoticesUser } from './notices-user.ts';

export interface ServerNoticesParts {
  readonly storage: Storage;
  readonly rooms: RoomCache;
  readonly timeline: Timeline;
  readonly accounts: Accounts;
  readonly profiles: Profiles;
  readonly tags: Tags;
  readonly membership: Membership;
  readonly roomCreation: RoomCreation;
  readonly eventSender: EventSender;
  readonly random: Random;
  readonly settings: {
    /** Who brings the notices; undefined if there are none. */
    readonly userId: string | undefined;
    readonly displayName: string;
    readonly avatarUrl: string | undefined;
    readonly roomName: string;
    readonly roomTopic: string | undefined;
    readonly autoJoin: boolean;
  };
}

/** What is to be told to one user. */
export interface ServerNotice {
  readonly userId: string;
  readonly type: string;
  readonly stateKey: string | undefined;
  readonly content: JsonObject;
}

const TAG = 'm.server_notice';

/**
 * Tells single users something in the name of the server, each in a room of their own.
 * Source: https://spec.matrix.org/v1.19/client-server-api/#server-notices
 */
export class ServerNotices {
  readonly #parts: ServerNoticesParts;
  readonly #turns = new KeyedTurns();

  constructor(parts: ServerNoticesParts) {
    this.#parts = parts;
  }

  /** @throws Error if the name of the user who brings the notices is somebody else's */
  async start(): Promise<void> {
    const { settings } = this.#parts;
    if (settings.userId !== undefined) await ensureNoticesUser(this.#parts, settings.userId, settings);
  }

  /**
   * Answers the id of the event; a retry of the same administrator with the same transaction id answers that of the first.
   * @throws 400 `M_UNKNOWN` if there are no notices here, or not for this user; 404 `M_NOT_FOUND`
   */
  async send({ userId, type, stateKey, content }: ServerNotice, admin: string, txnId?: string): Promise<string> {
    const { eventSender, accounts, random, settings } = this.#parts;
    if (settings.userId === undefined) throw unknown('Server notices are not enabled on this server', { status: 400 });
    if (!isUserId(userId) || !accounts.isLocal(userId)) {
      throw unknown('Server notices can only be sent to local users', { status: 400 });
    }
    if (!(await accounts.exists(userId))) throw notFound('There is no such user');
    const from = settings.userId;
    const roomId = await this.#turns.run(userId, () => this.#roomFor(userId, from));
    const sender = { userId: from, isGuest: false, appserviceId: admin };
    if (stateKey !== undefined) return eventSender.setState(sender, roomId, type, stateKey, content);
    return eventSender.sendMessage(sender, roomId, type, txnId ?? random.token(24), content);
  }

  /** The room that the user is in or invited to. Who has left it is invited again, even if they take no invites. */
  async #roomFor(userId: string, from: string): Promise<string> {
    const { storage, rooms, tags } = this.#parts;
    const known = await storage.read((tx) => tx.serverNotices.roomOf(userId));
    const room = known && (await rooms.get(known.room_id));
    const present = membershipIn(room?.stateEvent('m.room.member', userId)?.content);
    if (room?.isJoined(from)) {
      if (present !== 'join' && present !== 'invite') await this.#inviteAgain(userId, from, room.id);
      return room.id;
    }
    const roomId = await this.#create(userId, from);
    await storage.commit(new WriteSet().add('server_notice_rooms.put', { user_id: userId, room_id: roomId }));
    await tags.set(userId, roomId, TAG, {});
    await this.#joinIfConfigured(userId, roomId);
    return roomId;
  }

  async #inviteAgain(userId: string, from: string, roomId: string): Promise<void> {
    const { timeline, profiles } = this.#parts;
    const content = memberContent('invite', await profiles.memberProfile(userId));
    await timeline.send(roomId, { type: 'm.room.member', sender: from, stateKey: userId, content });
    await this.#joinIfConfigured(userId, roomId);
  }

  async #joinIfConfigured(userId: string, roomId: string): Promise<void> {
    if (this.#parts.settings.autoJoin) await this.#parts.membership.join({ userId, isGuest: false }, roomId);
  }

  #create(userId: string, from: string): Promise<string> {
    const { roomName, roomTopic } = this.#parts.settings;
    const request = {
      preset: 'private_chat' as const,
      name: roomName,
      ...(roomTopic === undefined ? {} : { topic: roomTopic }),
      invite: [userId],
      creation_content: { 'm.federate': false },
      // Users read here; they cannot answer.
      power_level_content_override: { users_default: -10, invite: 50 },
    };
    return this.#parts.roomCreation.create({ userId: from, isAdmin: false, isServer: true }, request);
  }
}
