import { MatrixError } from '../../protocol/errors.ts';
import type { Storage } from '../../storage/contract/storage.ts';
import { BEGINNING } from '../timeline/page-token.ts';
import type { RoomCache } from '../timeline/room-cache.ts';
import type { Timeline } from '../timeline/timeline.ts';

export interface RelatedRedactionsParts {
  readonly storage: Storage;
  readonly rooms: RoomCache;
  readonly timeline: Timeline;
  /** Events that go with one. */
  readonly most: number;
}

/** Whose redaction takes others along. */
export interface RedactionWithRelations {
  readonly sender: string;
  readonly roomId: string;
  readonly eventId: string;
  readonly reason: string | undefined;
  /** Types of relations; `*` for all. */
  readonly relTypes: readonly string[];
  /** Whether only the sender's own events go along. */
  readonly ownOnly: boolean;
}

const AT_ONCE = 100;

/**
 * Redacts what relates to an event together with it, as far as the sender may.
 * Source: https://github.com/matrix-org/matrix-spec-proposals/pull/3912
 */
export class RelatedRedactions {
  readonly #parts: RelatedRedactionsParts;

  constructor(parts: RelatedRedactionsParts) {
    this.#parts = parts;
  }

  /** What was redacted before is left alone, so that it can be asked for again. */
  async redact(request: RedactionWithRelations): Promise<void> {
    const { storage, rooms, most } = this.#parts;
    const room = await rooms.get(request.roomId);
    if (!room) return;
    const wanted = request.relTypes.includes('*') ? [undefined] : [...new Set(request.relTypes)];
    let left = most;
    for (const relType of wanted) {
      const upTo = room.pointAt(storage.head);
      for (let after = BEGINNING; left > 0; ) {
        const query = { roomNid: room.nid, eventId: request.eventId, depth: 1, relType, type: undefined };
        const limit = Math.min(left, AT_ONCE);
        const rows = await storage.readHeavy((tx) =>
          tx.relations.page({ ...query, after, upTo, backwards: false, limit }),
        );
        left -= rows.length;
        for (const { event_id: eventId, sender } of rows) {
          if (sender === request.sender || !request.ownOnly) await this.#redactOne(request, eventId);
        }
        if (rows.length < limit) break;
        const last = rows.at(-1)!;
        after = { chunk: last.chunk, index: last.chunk_index! };
      }
    }
  }

  async #redactOne({ roomId, sender, reason }: RedactionWithRelations, eventId: string): Promise<void> {
    const content = reason === undefined ? {} : { reason };
    try {
      await this.#parts.timeline.send(roomId, { type: 'm.room.redaction', sender, content, redacts: eventId });
    } catch (error) {
      // Events of others stay if their sender may not redact them.
      if (!(error instanceof MatrixError && error.errcode === 'M_FORBIDDEN')) throw error;
    }
  }
}
