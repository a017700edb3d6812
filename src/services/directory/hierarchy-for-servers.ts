import { notFound } from '../../protocol/errors.ts';
import type { JsonObject } from '../../protocol/json.ts';
import type { RoomCache } from '../timeline/room-cache.ts';
import type { ServerAccess } from '../timeline/server-access.ts';
import type { RoomPreviews } from './room-previews.ts';
import type { RoomSummaries } from './room-summaries.ts';
import type { RoomSummary } from './room-summary.ts';
import { childState, spaceChildren } from './space-children.ts';

/** A space and the rooms in it, as another server gets them. */
export interface HierarchyAnswer {
  readonly room: RoomSummary & { readonly children_state: readonly JsonObject[] };
  readonly children: readonly RoomSummary[];
  readonly inaccessible_children: readonly string[];
}

/** Tells other servers of spaces that this one is in. */
export class HierarchyForServers {
  private readonly d: {
    readonly rooms: RoomCache;
    readonly access: ServerAccess;
    readonly previews: RoomPreviews;
    readonly summaries: RoomSummaries;
    /** This server. */
    readonly serverName: string;
    /** Children of one space that are told of; the rest can be asked for one by one. */
    readonly most: number;
  };

  constructor(d: HierarchyForServers['d']) {
    this.d = d;
  }

  /**
   * Source: https://spec.matrix.org/v1.19/server-server-api/#get_matrixfederationv1hierarchyroomid
   * @throws M_NOT_FOUND if the room is not here or users of the server could not join it; M_FORBIDDEN by its server ACL
   */
  async of(server: string, roomId: string, suggestedOnly: boolean): Promise<HierarchyAnswer> {
    const room = await this.d.access.residentRoom(server, roomId);
    if (!(await this.d.previews.mayServerSee(server, room))) throw notFound('Your users may not see this room');
    const children: RoomSummary[] = [];
    const inaccessible: string[] = [];
    const events = spaceChildren(room, suggestedOnly);
    for (const { roomId: childId } of events.slice(0, this.d.most)) {
      const child = await this.d.rooms.get(childId);
      if (!child?.joinedServers.has(this.d.serverName)) continue;
      if (await this.d.previews.mayServerSee(server, child)) children.push(this.d.summaries.of(child));
      else inaccessible.push(childId);
    }
    return {
      room: { ...this.d.summaries.of(room), children_state: events.map(childState) },
      children,
      inaccessible_children: inaccessible,
    };
  }
}
