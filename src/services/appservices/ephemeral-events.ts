import type { JsonObject } from '../../protocol/json.ts';
import type { NoticeBoard, Notices } from '../events.ts';
import type { RoomCache } from '../timeline/room-cache.ts';
import type { Appservice, Appservices } from './appservices.ts';
import type { EventInterests } from './event-interests.ts';

export interface EphemeralEventsParts {
  readonly appservices: Appservices;
  readonly interests: EventInterests;
  readonly rooms: RoomCache;
  readonly notices: NoticeBoard;
  readonly typing: { in(roomId: string): { readonly userIds: readonly string[] } };
  readonly settings: {
    /** Receipts and rooms with typing users that wait for one application service; the oldest go. */
    readonly ephemeralKept: number;
  };
}

/**
 * Who types and who has read what, in the rooms of those application services that want it. Kept in memory: news of the
 * moment are nothing to be told later.
 * Source: https://spec.matrix.org/v1.19/application-service-api/#pushing-ephemeral-data
 */
export class EphemeralEvents {
  private readonly parts: EphemeralEventsParts;
  private readonly waiting = new Map<string, Map<string, () => JsonObject>>();
  private readonly told: readonly Appservice[];

  constructor(parts: EphemeralEventsParts) {
    this.parts = parts;
    this.told = [...parts.appservices.all()].filter(
      ({ url, receivesEphemeral }) => url !== undefined && receivesEphemeral,
    );
    if (this.told.length === 0) return;
    const { notices, typing } = parts;
    notices.on('typing', ({ roomId }) =>
      this.add(roomId, `typing ${roomId}`, () => ({
        ...{ type: 'm.typing', room_id: roomId, content: { user_ids: [...typing.in(roomId).userIds] } },
      })),
    );
    notices.on('receipt', (receipt) => {
      if (receipt.receiptType !== 'm.read') return;
      const { roomId, userId, threadId } = receipt;
      this.add(roomId, `receipt ${roomId} ${userId} ${threadId}`, () => receiptEvent(receipt));
    });
  }

  /** Whether something waits for an application service. */
  has(appserviceId: string): boolean {
    return (this.waiting.get(appserviceId)?.size ?? 0) > 0;
  }

  /** What waits, which then waits no more. */
  take(appserviceId: string): JsonObject[] {
    const events = [...(this.waiting.get(appserviceId)?.values() ?? [])].map((event) => event());
    this.waiting.delete(appserviceId);
    return events;
  }

  private add(roomId: string, key: string, event: () => JsonObject): void {
    const room = this.parts.rooms.peek(roomId);
    if (!room) return;
    for (const appservice of this.told) {
      if (!this.parts.interests.isInterestedIn(appservice, room)) continue;
      const waiting = this.waiting.get(appservice.id) ?? new Map<string, () => JsonObject>();
      this.waiting.set(appservice.id, waiting);
      waiting.delete(key);
      waiting.set(key, event);
      const [oldest] = waiting.keys();
      if (waiting.size > this.parts.settings.ephemeralKept && oldest !== undefined) waiting.delete(oldest);
      this.parts.interests.onWaiting(appservice);
    }
  }
}

function receiptEvent({ roomId, userId, eventId, ts, threadId }: Notices['receipt']): JsonObject {
  const receipt = threadId === '' ? { ts } : { ts, thread_id: threadId };
  return { type: 'm.receipt', room_id: roomId, content: { [eventId]: { 'm.read': { [userId]: receipt } } } };
}
