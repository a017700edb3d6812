/** Chatting through this server: a message is let in, its sender joins if need be, and is told what became of it. */
import { notFound } from '../../protocol/errors.ts';
import { isEventId } from '../../protocol/identifiers/event-id.ts';
import type { JsonObject } from '../../protocol/json.ts';
import type { Admission } from '../../services/admission/admission.ts';
import type { RoomCache } from '../../services/timeline/room-cache.ts';
import type { SendOnce } from '../../services/timeline/send-once.ts';
import type { Timeline } from '../../services/timeline/timeline.ts';
import type { ChatGate } from './chat-gate.ts';
import type { JoinPace } from './join-pace.ts';
import type { LiveChannels } from './live-channels.ts';
import type { LiveRoom } from './live-rooms.ts';
import type { MessageNames } from './message-names.ts';
import { errorOf } from './refusal-errors.ts';

export interface ChatSendingParts {
  readonly rooms: Pick<RoomCache, 'get'>;
  readonly admission: Pick<Admission, 'admit'>;
  readonly names: MessageNames;
  readonly joins: Pick<JoinPace, 'join'>;
  readonly gate: Pick<ChatGate, 'refusalOf'>;
  readonly once: SendOnce;
  readonly timeline: Pick<Timeline, 'send'>;
  readonly liveChannels: Pick<LiveChannels, 'outcomeOf'>;
}

export interface ChatLine {
  /** Names the attempt: the same again sends nothing anew. */
  readonly txn: string;
  readonly body: string;
  /** The message that it answers, by its name or its event id. */
  readonly reply?: string | undefined;
  readonly me?: boolean | undefined;
}

export interface Sent {
  readonly eventId: string;
  /** Its number in the channel; undefined if viewers do not see it live. */
  readonly seq: number | undefined;
  readonly isShown: boolean;
}

export class ChatSending {
  readonly #parts: ChatSendingParts;

  constructor(parts: ChatSendingParts) {
    this.#parts = parts;
  }

  /** @throws what admission says: see `rules/refusals.ts`; M_NOT_FOUND for an answer to nothing */
  async send(live: LiveRoom, by: { userId: string; deviceId: string }, line: ChatLine): Promise<Sent> {
    const { rooms, admission, once, timeline, joins, gate, liveChannels, names } = this.#parts;
    const { roomId } = live;
    const room = await rooms.get(roomId);
    if (!room) throw notFound('This server does not know the room of the channel');
    const { userId, deviceId } = by;
    const type = 'm.room.message';
    const reply = line.reply === undefined ? undefined : await names.eventIdOf(live, line.reply);
    const content = contentOf({ ...line, reply });
    const attempt = { userId, deviceId, operation: 'sendMessage', params: [roomId, type], txnId: line.txn };
    const eventId = await once.run(attempt, async (transaction) => {
      const admitted = await admission.admit({ entrance: 'client', roomId, type, sender: userId, content });
      if (!room.isJoined(userId)) await joins.join(userId, roomId);
      // Coming in may take a while, and moderators do not wait for it.
      const refusal = gate.refusalOf(live, room, userId);
      if (refusal) throw errorOf(refusal, 'client');
      const draft = { type, sender: userId, content: admitted };
      return timeline.send(roomId, draft, { transaction, isAdmitted: true });
    });
    const outcome = await liveChannels.outcomeOf(eventId);
    const isShown = outcome?.outcome !== 'skipped';
    return { eventId, seq: outcome?.outcome === 'numbered' ? outcome.seq : undefined, isShown };
  }
}

function contentOf({ body, reply, me }: ChatLine): JsonObject {
  const content: JsonObject = { msgtype: me === true ? 'm.emote' : 'm.text', body };
  if (reply !== undefined && isEventId(reply)) content['m.relates_to'] = { 'm.in_reply_to': { event_id: reply } };
  return content;
}
