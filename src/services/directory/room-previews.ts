import { notFound } from '../../protocol/errors.ts';
import { serverOf } from '../../protocol/identifiers/parts.ts';
import type { FullStates } from '../timeline/partial-state/full-states.ts';
import type { Room } from '../timeline/room.ts';
import type { RoomCache } from '../timeline/room-cache.ts';
import type { RemoteHierarchy } from './remote-hierarchy.ts';
import type { RoomSummaries } from './room-summaries.ts';
import type { RoomSummary } from './room-summary.ts';

const OPEN_RULES: ReadonlySet<string> = new Set(['public', 'knock', 'knock_restricted']);
const INSIDE: ReadonlySet<string | undefined> = new Set(['join', 'invite', 'knock']);

/** Shows what a room is to those who could join it. */
export class RoomPreviews {
  private readonly rooms: RoomCache;
  private readonly summaries: RoomSummaries;
  private readonly remote: RemoteHierarchy;
  private readonly serverName: string;
  private readonly fullStates: FullStates;

  /** @param serverName of this server */
  constructor(
    rooms: RoomCache,
    summaries: RoomSummaries,
    remote: RemoteHierarchy,
    { serverName, fullStates }: { serverName: string; fullStates: FullStates },
  ) {
    this.rooms = rooms;
    this.fullStates = fullStates;
    this.summaries = summaries;
    this.remote = remote;
    this.serverName = serverName;
  }

  /**
   * The summary for a user, or for somebody without an account. For users other servers are asked, too.
   * @param via servers that may know the room
   * @throws M_NOT_FOUND, also where it may not be seen; M_UNKNOWN 504 if it is not known in time who is in the room
   */
  async of(
    userId: string | undefined,
    roomId: string,
    via: readonly string[] = [],
  ): Promise<RoomSummary & { membership?: string }> {
    await this.fullStates.of(roomId);
    const room = await this.rooms.get(roomId);
    if (userId !== undefined && !room?.joinedServers.has(this.serverName)) {
      const told = await this.told(userId, roomId, via);
      if (told) return { ...told, membership: room?.membershipOf(userId) ?? 'leave' };
    }
    if (!room || !(await this.maySee(userId, room))) throw notFound('There is no such room, or you may not see it');
    const summary = this.summaries.of(room);
    return userId === undefined ? summary : { ...summary, membership: room.membershipOf(userId) ?? 'leave' };
  }

  /**
   * Source: https://spec.matrix.org/v1.19/server-server-api/#get_matrixfederationv1hierarchyroomid names who may see a
   * room: those who are in it or invited, and those who could join or knock, or read it.
   */
  async maySee(userId: string | undefined, room: Room): Promise<boolean> {
    const summary = this.summaries.of(room);
    if (isOpen(summary)) return true;
    if (userId === undefined) return false;
    const membership = room.membershipOf(userId);
    if (INSIDE.has(membership)) return true;
    return membership !== 'ban' && this.isAllowed(summary, (allowing) => allowing.isJoined(userId));
  }

  /** The same, of a room that another server has told of: what this one knows of the user's rooms has to do. */
  async maySeeTold(userId: string, summary: RoomSummary): Promise<boolean> {
    return isOpen(summary) || this.isAllowed(summary, (allowing) => allowing.isJoined(userId));
  }

  /** Whether users of another server could see the room. */
  async mayServerSee(server: string, room: Room): Promise<boolean> {
    const summary = this.summaries.of(room);
    if (isOpen(summary) || room.joinedServers.has(server)) return true;
    return this.isAllowed(summary, (allowing) => allowing.joinedServers.has(server));
  }

  private async told(userId: string, roomId: string, via: readonly string[]): Promise<RoomSummary | undefined> {
    const servers = [...via, serverOf(roomId) ?? ''].filter((server) => server !== this.serverName);
    const summary = (await this.remote.find(roomId, servers, false))?.summary;
    return summary && (await this.maySeeTold(userId, summary)) ? summary : undefined;
  }

  private async isAllowed(summary: RoomSummary, isInside: (allowing: Room) => boolean): Promise<boolean> {
    for (const roomId of summary.allowed_room_ids ?? []) {
      const allowing = await this.rooms.get(roomId);
      if (allowing && isInside(allowing)) return true;
    }
    return false;
  }
}

function isOpen({ join_rule, world_readable }: RoomSummary): boolean {
  return OPEN_RULES.has(join_rule) || world_readable;
}
