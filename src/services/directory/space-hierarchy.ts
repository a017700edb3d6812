import { forbidden, invalidParam } from '../../protocol/errors.ts';
import { serverOf } from '../../protocol/identifiers/parts.ts';
import type { JsonObject } from '../../protocol/json.ts';
import type { Clock } from '../../util/clock.ts';
import type { FullStates } from '../timeline/partial-state/full-states.ts';
import type { Room } from '../timeline/room.ts';
import type { RoomCache } from '../timeline/room-cache.ts';
import type { RemoteHierarchy, ToldRoom } from './remote-hierarchy.ts';
import type { RoomPreviews } from './room-previews.ts';
import type { RoomSummaries } from './room-summaries.ts';
import type { RoomSummary } from './room-summary.ts';
import { childState, type SpaceChild, spaceChildren } from './space-children.ts';

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

/** A room to be visited. */
interface Stop {
  readonly roomId: string;
  readonly depth: number;
  /** Servers that may know it. */
  readonly via: readonly string[];
  /** What another server has told already of a room without children. */
  readonly told?: RoomSummary | undefined;
}

/** A room that was found, wherever it is. */
interface Found {
  readonly summary: RoomSummary;
  readonly children: readonly SpaceChild[];
  readonly remote?: ToldRoom;
}

export interface SpaceHierarchyParts {
  readonly rooms: RoomCache;
  readonly fullStates: FullStates;
  readonly previews: RoomPreviews;
  readonly summaries: RoomSummaries;
  readonly remote: RemoteHierarchy;
  readonly clock: Clock;
  /** This server. */
  readonly serverName: string;
}

export interface HierarchyLimits {
  /** Rooms on a page. */
  readonly pageMax: number;
  /** Rooms of one hierarchy at most: what is beyond is left out. */
  readonly rooms: number;
  /** Milliseconds after which a page asks no further server, nor waits for members: what only others know is left out. */
  readonly budget: number;
}

/**
 * The rooms of spaces and of the spaces in them; of those that this server is not in, what others tell.
 * Source: https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv1roomsroomidhierarchy
 */
export class SpaceHierarchy {
  private readonly parts: SpaceHierarchyParts;
  private readonly limits: HierarchyLimits;

  constructor(parts: SpaceHierarchyParts, limits: HierarchyLimits) {
    this.parts = parts;
    this.limits = limits;
  }

  /** @throws M_FORBIDDEN for a room that the user may not see; M_INVALID_PARAM for a token of another question */
  async page(userId: string, roomId: string, query: HierarchyQuery): Promise<HierarchyPage> {
    const asked = `h${query.maxDepth ?? 'u'}_${query.suggestedOnly ? 1 : 0}_`;
    const told = query.from === undefined ? 0 : toldBefore(query.from, asked);
    const limit = Math.max(1, Math.min(query.limit ?? DEFAULT_LIMIT, this.limits.pageMax));
    const page: HierarchyPage['rooms'][number][] = [];
    let count = 0;
    for await (const { summary, children } of this.walk(userId, roomId, query)) {
      if (page.length === limit) return { rooms: page, next_batch: `${asked}${count}` };
      count += 1;
      if (count > told) page.push({ ...summary, children_state: children.map(childState) });
    }
    if (count === 0) throw forbidden('You may not see this room');
    return { rooms: page };
  }

  /** Each room once, depth first, if the user may see it. Ends at once if that is not so of the first. */
  private async *walk(userId: string, rootId: string, query: HierarchyQuery): AsyncGenerator<Found> {
    const { suggestedOnly, maxDepth = Number.POSITIVE_INFINITY } = query;
    const seen = new Set<string>();
    const asksUntil = this.parts.clock.now() + this.limits.budget;
    const home = serverOf(rootId);
    const stack: Stop[] = [{ roomId: rootId, depth: 0, via: home === undefined ? [] : [home] }];
    for (let next = stack.pop(); next && seen.size < this.limits.rooms; next = stack.pop()) {
      if (seen.has(next.roomId)) continue;
      seen.add(next.roomId);
      const found = await this.find(userId, next, suggestedOnly, asksUntil);
      if (!found) continue;
      yield found;
      if (next.depth >= maxDepth) continue;
      for (const { roomId, content } of [...found.children].reverse()) {
        if (found.remote?.inaccessible.has(roomId)) continue;
        const told = found.remote?.leaves.get(roomId);
        stack.push({ roomId, depth: next.depth + 1, via: content['via'] as string[], told });
      }
    }
  }

  /** Undefined if the user may not see the room, or nobody knows it. */
  private async find(
    userId: string,
    { roomId, via, told }: Stop,
    suggestedOnly: boolean,
    asksUntil: number,
  ): Promise<Found | undefined> {
    const { rooms, remote, clock, serverName, previews } = this.parts;
    // One of which not all members come in time is shown with those who are known.
    await this.parts.fullStates.arrive(roomId, asksUntil - clock.now());
    const room = await rooms.get(roomId);
    if (room?.joinedServers.has(serverName)) return this.local(userId, room, suggestedOnly);
    const others = via.filter((server) => server !== serverName);
    const mayAsk = told === undefined && others.length > 0 && clock.now() < asksUntil;
    const answer = mayAsk ? await remote.find(roomId, others, suggestedOnly) : undefined;
    const summary = told ?? answer?.summary;
    if (!summary) return room && this.local(userId, room, suggestedOnly);
    if (!(await previews.maySeeTold(userId, summary))) return undefined;
    return answer ? { summary, children: answer.children, remote: answer } : { summary, children: [] };
  }

  private async local(userId: string, room: Room, suggestedOnly: boolean): Promise<Found | undefined> {
    if (!(await this.parts.previews.maySee(userId, room))) return undefined;
    return { summary: this.parts.summaries.of(room), children: spaceChildren(room, suggestedOnly) };
  }
}

function toldBefore(token: string, asked: string): number {
  if (!TOKEN.test(token)) throw invalidParam('from is not a token of this server');
  if (!token.startsWith(asked)) throw invalidParam('max_depth and suggested_only must be those of the first page');
  return Number(token.slice(asked.length));
}
