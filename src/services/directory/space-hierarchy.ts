import { forbidden, invalidParam } from '../../protocol/errors.ts';
import type { JsonObject } from '../../protocol/json.ts';
import type { Room } from '../timeline/room.ts';
import type { RoomCache } from '../timeline/room-cache.ts';
import type { RoomPreviews } from './room-previews.ts';
import type { RoomSummaries } from './room-summaries.ts';
import type { RoomSummary } from './room-summary.ts';
import { childState, spaceChildren } from './space-children.ts';

export interface HierarchyQuery {
  readonly suggestedOnly: boolean;
  readonly limit?: number | undefined;
  /** Children of children of the space; 0 for the space alone. */
  readonly maxDepth?: number | undefined;
  readonly from?: string | undefined;
}

export interface HierarchyPage {
  readonly rooms: readonly (RoomSummary & { readonly children_state: readonly JsonObject[] })[];
  readonly next_batch?: string;
}

const DEFAULT_LIMIT = 50;
/** What was asked for (`max_depth` or `u` for unlimited, `suggested_only`), and how many rooms have been told. */
const TOKEN = /^h(\d{1,9}|u)_([01])_(\d{1,9})$/;

/**
 * The rooms of spaces and of the spaces in them.
 * Source: https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv1roomsroomidhierarchy
 */
export class SpaceHierarchy {
  private readonly rooms: RoomCache;
  private readonly previews: RoomPreviews;
  private readonly summaries: RoomSummaries;
  private readonly limits: { readonly pageMax: number; readonly rooms: number };

  /** @param limits rooms on a page, and rooms of one hierarchy at most: what is beyond is left out */
  constructor(
    parts: { rooms: RoomCache; previews: RoomPreviews; summaries: RoomSummaries },
    limits: { pageMax: number; rooms: number },
  ) {
    this.rooms = parts.rooms;
    this.previews = parts.previews;
    this.summaries = parts.summaries;
    this.limits = limits;
  }

  /** @throws M_FORBIDDEN for a room that the user may not see; M_INVALID_PARAM for a token of another question */
  async page(userId: string, roomId: string, query: HierarchyQuery): Promise<HierarchyPage> {
    const root = await this.rooms.get(roomId);
    if (!root || !(await this.previews.maySee(userId, root))) throw forbidden('You may not see this room');
    const asked = `h${query.maxDepth ?? 'u'}_${query.suggestedOnly ? 1 : 0}_`;
    const told = query.from === undefined ? 0 : toldBefore(query.from, asked);
    const limit = Math.max(1, Math.min(query.limit ?? DEFAULT_LIMIT, this.limits.pageMax));
    const page: HierarchyPage['rooms'][number][] = [];
    let count = 0;
    for await (const room of this.walk(userId, root, query)) {
      if (page.length === limit) return { rooms: page, next_batch: `${asked}${count}` };
      count += 1;
      if (count <= told) continue;
      const children = spaceChildren(room, query.suggestedOnly).map(childState);
      page.push({ ...this.summaries.of(room), children_state: children });
    }
    return { rooms: page };
  }

  /** Each room once, depth first, if the user may see it. */
  private async *walk(userId: string, root: Room, { suggestedOnly, maxDepth }: HierarchyQuery): AsyncGenerator<Room> {
    const seen = new Set<string>();
    const stack: { roomId: string; depth: number }[] = [{ roomId: root.id, depth: 0 }];
    for (let next = stack.pop(); next && seen.size < this.limits.rooms; next = stack.pop()) {
      const { roomId, depth } = next;
      if (seen.has(roomId)) continue;
      seen.add(roomId);
      const room = await this.rooms.get(roomId);
      if (!room || !(await this.previews.maySee(userId, room))) continue;
      yield room;
      if (depth >= (maxDepth ?? Number.POSITIVE_INFINITY)) continue;
      for (const child of spaceChildren(room, suggestedOnly).reverse()) {
        stack.push({ roomId: child.stateKey!, depth: depth + 1 });
      }
    }
  }
}

function toldBefore(token: string, asked: string): number {
  if (!TOKEN.test(token)) throw invalidParam('from is not a token of this server');
  if (!token.startsWith(asked)) throw invalidParam('max_depth and suggested_only must be those of the first page');
  return Number(token.slice(asked.length));
}
