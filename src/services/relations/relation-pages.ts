import { invalidParam } from '../../protocol/errors.ts';
import type { PagePoint } from '../../storage/contract/events.ts';
import type { Storage } from '../../storage/contract/storage.ts';
import type { EventLookup } from '../history/event-lookup.ts';
import type { EventPresenter, Viewer } from '../history/event-presenter.ts';
import type { EventSieve } from '../history/event-sieve.ts';
import { pointBeyond } from '../history/messages.ts';
import type { EventCache } from '../timeline/event-cache.ts';
import { BEGINNING, pageToken, parsePageToken } from '../timeline/page-token.ts';
import type { Room } from '../timeline/room.ts';

export interface RelationsRequest {
  readonly relType?: string | undefined;
  readonly eventType?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly dir: 'b' | 'f';
  readonly limit: number;
  /** Whether relations of relations are followed; undefined if the client did not say. */
  readonly recurse?: boolean | undefined;
}

export interface RelationPagesParts {
  readonly storage: Storage;
  readonly events: EventCache;
  readonly lookup: EventLookup;
  readonly sieve: EventSieve;
  readonly presenter: EventPresenter;
  readonly limits: { readonly pageMax: number };
}

/** How far relations of relations are followed. */
const DEPTH = 3;

/** The events that relate to one event, page by page. */
export class RelationPages {
  private readonly parts: RelationPagesParts;

  constructor(parts: RelationPagesParts) {
    this.parts = parts;
  }

  /**
   * A page as JSON.
   * Source: https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv1roomsroomidrelationseventid
   * @throws M_NOT_FOUND if the user may not see the event; M_INVALID_PARAM for tokens that are not of this server
   */
  async page(viewer: Viewer, roomId: string, eventId: string, request: RelationsRequest): Promise<string> {
    const { lookup, sieve, presenter, events } = this.parts;
    const { room } = await lookup.find(viewer.userId, roomId, eventId);
    const limit = Math.min(Math.max(request.limit, 1), this.parts.limits.pageMax);
    const rows = await this.rows(room, eventId, request, limit);
    const read = rows.slice(0, limit).map((row) => events.ofRow(row, room.id));
    const chunk = await presenter.present(viewer, room, await sieve.visible(room, viewer.userId, read));
    let out = `{"chunk":[${chunk.join(',')}]`;
    const last = read.at(-1);
    if (last && rows.length > limit) {
      out += `,"next_batch":"${pageToken(pointBeyond(last, request.dir))}"`;
    }
    if (request.from !== undefined) out += `,"prev_batch":${JSON.stringify(request.from)}`;
    if (request.recurse !== undefined) out += `,"recursion_depth":${request.recurse ? DEPTH : 1}`;
    return `${out}}`;
  }

  /** One row more than `limit`, if there are more. */
  private rows(room: Room, eventId: string, request: RelationsRequest, limit: number) {
    const from = pointOf('from', request.from, room);
    const to = pointOf('to', request.to, room);
    const [after, upTo] = request.dir === 'b' ? [to, from] : [from, to];
    const { storage } = this.parts;
    return storage.readHeavy((tx) =>
      tx.relations.page({
        roomNid: room.nid,
        eventId,
        depth: request.recurse ? DEPTH : 1,
        relType: request.relType,
        type: request.eventType,
        after: after ?? BEGINNING,
        upTo: upTo ?? room.pointAt(storage.head),
        backwards: request.dir === 'b',
        limit: limit + 1,
      }),
    );
  }
}

function pointOf(name: string, token: string | undefined, room: Room): PagePoint | undefined {
  if (token === undefined || token === '') return undefined;
  const point = parsePageToken(token, (position) => room.chunkAt(position));
  if (!point) throw invalidParam(`${name} is not a token of this server`);
  return point;
}
