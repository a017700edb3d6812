import { badJson, forbidden, invalidParam } from '../../protocol/errors.ts';
import { stringIn } from '../../protocol/events/content-readers.ts';
import { relationIn } from '../../protocol/events/relations.ts';
import { isEventId } from '../../protocol/identifiers/event-id.ts';
import { isUserId } from '../../protocol/identifiers/user-id.ts';
import type { JsonObject } from '../../protocol/json.ts';
import type { Storage } from '../../storage/contract/storage.ts';
import type { Attempt } from '../idempotency.ts';
import type { Membership, Mover } from '../membership/membership.ts';
import type { EventCache } from '../timeline/event-cache.ts';
import type { RoomCache } from '../timeline/room-cache.ts';
import type { SendOnce } from '../timeline/send-once.ts';
import { DELAYED } from '../timeline/stored-event.ts';
import type { EventDraft, Timeline } from '../timeline/timeline.ts';
import { refuseSecondAnnotation } from './annotations.ts';
import type { CanonicalAliasCheck } from './canonical-alias-check.ts';
import { refuseNestedThread } from './thread-starts.ts';

/** Who sends. */
export interface Sender extends Mover {
  readonly deviceId?: string | undefined;
  readonly appserviceId?: string | undefined;
}

/** What may be said of an event beside its content. */
export interface SendOptions {
  /** When it was sent, in milliseconds since the epoch; only of application services. */
  readonly originServerTs?: number | undefined;
  /** Of an event that was to be sent later: it is sent once for this id, which its sender is shown. */
  readonly delayId?: string | undefined;
}

export interface EventSenderParts {
  readonly storage: Storage;
  readonly rooms: RoomCache;
  readonly events: EventCache;
  readonly timeline: Timeline;
  readonly once: SendOnce;
  readonly membership: Membership;
  readonly canonicalAlias: CanonicalAliasCheck;
}

/** Sends what clients have to say into rooms. Each method answers the id of the event. */
export class EventSender {
  private readonly parts: EventSenderParts;

  constructor(parts: EventSenderParts) {
    this.parts = parts;
  }

  /**
   * Sends a message event, once for each transaction id of a device.
   * Source: https://spec.matrix.org/v1.19/client-server-api/#put_matrixclientv3roomsroomidsendeventtypetxnid
   * @throws M_FORBIDDEN, M_TOO_LARGE, M_BAD_JSON, M_DUPLICATE_ANNOTATION; M_UNKNOWN for threads within threads
   */
  async sendMessage(
    sender: Sender,
    roomId: string,
    type: string,
    txnId: string,
    content: JsonObject,
    options: SendOptions = {},
  ): Promise<string> {
    const attempt = attemptOf(sender, 'sendMessage', [roomId, type], txnId, options);
    return this.parts.once.run(attempt, async (transaction) => {
      const room = await this.parts.rooms.get(roomId);
      if (!room?.isJoined(sender.userId)) throw forbidden('You are not in this room');
      const relation = relationIn(content);
      if (relation?.relType === 'm.annotation') {
        await refuseSecondAnnotation(this.parts.storage, room, { sender: sender.userId, type, relation });
      }
      if (relation?.relType === 'm.thread') await refuseNestedThread(this.parts.events, room, relation.eventId);
      // Clients that have learnt of redactions by their content may send them like anything else.
      const redacts = type === 'm.room.redaction' ? stringIn(content, 'redacts') : undefined;
      if (redacts !== undefined && !isEventId(redacts)) throw invalidParam('redacts is not an event id');
      const draft = { ...draftOf(sender, type, content, options), ...(redacts === undefined ? {} : { redacts }) };
      return this.parts.timeline.send(roomId, draft, { transaction });
    });
  }

  /** Source: https://spec.matrix.org/v1.19/client-server-api/#put_matrixclientv3roomsroomidredacteventidtxnid */
  async redact(
    sender: Sender,
    roomId: string,
    eventId: string,
    txnId: string,
    reason?: string,
    options: SendOptions = {},
  ): Promise<string> {
    const attempt = attemptOf(sender, 'redactEvent', [roomId, eventId], txnId);
    return this.parts.once.run(attempt, async (transaction) => {
      const room = await this.parts.rooms.get(roomId);
      if (!room?.isJoined(sender.userId)) throw forbidden('You are not in this room');
      const content = reason === undefined ? {} : { reason };
      const draft = { ...draftOf(sender, 'm.room.redaction', content, options), redacts: eventId };
      return this.parts.timeline.send(roomId, draft, { transaction });
    });
  }

  /**
   * Sets state; the same state is not sent again.
   * Source: https://spec.matrix.org/v1.19/client-server-api/#put_matrixclientv3roomsroomidstateeventtypestatekey
   */
  async setState(
    sender: Sender,
    roomId: string,
    type: string,
    stateKey: string,
    content: JsonObject,
    options: SendOptions = {},
  ): Promise<string> {
    if (type === 'm.room.create') throw badJson('A room can only be created once, as its first event');
    if (type === 'm.room.member') {
      if (!isUserId(stateKey)) throw invalidParam('The state key of m.room.member is a user id');
      return (await this.parts.membership.set(sender, roomId, stateKey, content)).eventId;
    }
    const room = await this.parts.rooms.get(roomId);
    if (!room?.isJoined(sender.userId)) throw forbidden('You are not in this room');
    if (type === 'm.room.canonical_alias' && stateKey === '') await this.parts.canonicalAlias.check(room, content);
    const draft = { ...draftOf(sender, type, content, options), stateKey };
    const { delayId } = options;
    if (delayId === undefined) return (await this.parts.timeline.send(roomId, draft)).eventId;
    const attempt = attemptOf(sender, 'setState', [roomId, type, stateKey], delayId, options);
    return this.parts.once.run(attempt, (transaction) => this.parts.timeline.send(roomId, draft, { transaction }));
  }
}

function attemptOf(
  sender: Sender,
  operation: string,
  params: readonly string[],
  txnId: string,
  { delayId }: SendOptions = {},
): Attempt {
  const deviceId = delayId === undefined ? (sender.deviceId ?? sender.appserviceId ?? '') : DELAYED;
  return { userId: sender.userId, deviceId, operation, params, txnId };
}

function draftOf(sender: Sender, type: string, content: JsonObject, { originServerTs }: SendOptions): EventDraft {
  const draft = { type, sender: sender.userId, content };
  return originServerTs === undefined ? draft : { ...draft, originServerTs };
}
