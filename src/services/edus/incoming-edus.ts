import { MatrixError } from '../../protocol/errors.ts';
import { isEventId } from '../../protocol/identifiers/event-id.ts';
import { serverOf } from '../../protocol/identifiers/parts.ts';
import { isRoomId } from '../../protocol/identifiers/room-id.ts';
import { isUserId, type UserId } from '../../protocol/identifiers/user-id.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../protocol/json.ts';
import type { Logger } from '../../util/logger.ts';
import type { RemoteDeviceLists } from '../encryption/remote-device-lists.ts';
import type { Presence } from '../presence/presence.ts';
import type { Receipts } from '../receipts/receipts.ts';
import type { Room } from '../timeline/room.ts';
import type { RoomCache } from '../timeline/room-cache.ts';
import { aclAllows } from '../timeline/server-access.ts';
import type { ReceivedToDevice } from '../to-device/received-to-device.ts';
import type { Typing } from '../typing/typing.ts';

export interface IncomingEdusDependencies {
  readonly rooms: RoomCache;
  readonly typing: Typing;
  readonly receipts: Receipts;
  readonly presence: Presence;
  readonly toDevice: ReceivedToDevice;
  readonly deviceLists: RemoteDeviceLists;
  readonly logger: Logger;
  readonly limits: {
    /** Receipts, and users whose presence is told, that are read of one EDU. */
    readonly receiptsPerEdu: number;
  };
}

type Handler = (origin: string, content: JsonObject) => Promise<void>;

/**
 * What other servers tell beside events. Each speaks for its own users, and in rooms only for those who are in them;
 * anything else, and whatever has another form than it should, is passed over.
 * Source: https://spec.matrix.org/v1.19/server-server-api/#edus
 */
export class IncomingEdus {
  private readonly d: IncomingEdusDependencies;
  private readonly handlers: ReadonlyMap<string, Handler>;

  constructor(dependencies: IncomingEdusDependencies) {
    this.d = dependencies;
    const { toDevice, deviceLists } = dependencies;
    const signingKeys: Handler = (origin, content) => deviceLists.updateSigningKeys(origin, content);
    this.handlers = new Map<string, Handler>([
      ['m.typing', (origin, content) => this.typing(origin, content)],
      ['m.receipt', (origin, content) => this.receipts(origin, content)],
      ['m.presence', (origin, content) => this.presence(origin, content)],
      ['m.direct_to_device', (origin, content) => toDevice.receive(origin, content)],
      ['m.device_list_update', (origin, content) => deviceLists.update(origin, content)],
      ['m.signing_key_update', signingKeys],
      ['org.matrix.signing_key_update', signingKeys],
    ]);
  }

  /** Takes in EDUs, in order: what must not be lost is durable when this resolves. @throws StorageUnavailableError */
  async receive(origin: string, edus: readonly JsonValue[]): Promise<void> {
    for (const edu of edus) {
      if (!isJsonObject(edu) || typeof edu['edu_type'] !== 'string' || !isJsonObject(edu['content'])) continue;
      try {
        await this.handlers.get(edu['edu_type'])?.(origin, edu['content']);
      } catch (error) {
        if (!(error instanceof MatrixError)) throw error;
        this.d.logger.debug({ err: error, origin, type: edu['edu_type'] }, 'passes over what another server tells');
      }
    }
  }

  private async typing(origin: string, { room_id: roomId, user_id: userId, typing }: JsonObject): Promise<void> {
    if (!isUserOf(origin, userId) || typeof typing !== 'boolean') return;
    const room = await this.room(origin, roomId);
    if (room?.mayBeJoined(userId)) this.d.typing.told(room.id, userId, typing);
  }

  private async receipts(origin: string, content: JsonObject): Promise<void> {
    let left = this.d.limits.receiptsPerEdu;
    for (const [roomId, types] of Object.entries(content)) {
      const ofUsers = isJsonObject(types) ? types['m.read'] : undefined;
      const room = isJsonObject(ofUsers) ? await this.room(origin, roomId) : undefined;
      if (!room || !isJsonObject(ofUsers)) continue;
      for (const [userId, receipt] of Object.entries(ofUsers)) {
        if (left <= 0) return;
        left -= 1;
        if (isUserOf(origin, userId) && isJsonObject(receipt)) await this.receipt(room, userId, receipt);
      }
    }
  }

  private async receipt(room: Room, userId: string, { event_ids: eventIds, data }: JsonObject): Promise<void> {
    if (!Array.isArray(eventIds) || !isJsonObject(data) || !Number.isSafeInteger(data['ts'])) return;
    const { ts, thread_id: threadId } = data;
    if (threadId !== undefined && (typeof threadId !== 'string' || threadId === '')) return;
    await this.d.receipts.told(userId, room, eventIds.filter(isEventId).slice(0, 10), Number(ts), threadId);
  }

  private async presence(origin: string, { push }: JsonObject): Promise<void> {
    if (!Array.isArray(push)) return;
    for (const update of push.slice(0, this.d.limits.receiptsPerEdu)) {
      if (isJsonObject(update) && isUserOf(origin, update['user_id'])) {
        await this.d.presence.told(update['user_id'], update);
      }
    }
  }

  /** The room, if the server may say something about it. */
  private async room(origin: string, roomId: JsonValue | undefined): Promise<Room | undefined> {
    const room = isRoomId(roomId) ? await this.d.rooms.get(roomId) : undefined;
    return room?.joinedServers.has(origin) && aclAllows(room, origin) ? room : undefined;
  }
}

function isUserOf(server: string, userId: JsonValue | undefined): userId is UserId {
  return isUserId(userId) && serverOf(userId) === server;
}
