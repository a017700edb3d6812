import type { UserRoom } from '../membership/user-rooms.ts';
import type { Room } from '../timeline/room.ts';
import { joinedRoomJson } from './joined-room.ts';
import { LazyMembers } from './lazy-members.ts';
import { leftRoomJson, unseenRoomJson } from './left-room.ts';
import { loadAhead } from './load-ahead.ts';
import { Slices } from './slices.ts';
import type { StoredAccountData, SyncSources } from './sources.ts';
import type { SyncScope } from './sync-request.ts';

/** What a sync says of rooms: of those in which something is new, by how the user stands there. */
export class RoomSections {
  private readonly sources: SyncSources;
  private readonly lazy: LazyMembers;
  private readonly slices: Slices;

  constructor(sources: SyncSources, { lazyRooms }: { readonly lazyRooms: number }) {
    this.sources = sources;
    this.lazy = new LazyMembers({ roomsOfDevices: lazyRooms });
    this.slices = new Slices(sources.clock);
  }

  /** A member `rooms` of JSON, or nothing. `accountData`: what has changed, by room. */
  async of(
    scope: SyncScope,
    userRooms: readonly UserRoom[],
    accountData: ReadonlyMap<string, readonly StoredAccountData[]>,
  ): Promise<string[]> {
    const sections = { join: [] as string[], invite: [] as string[], knock: [] as string[], leave: [] as string[] };
    if (scope.since > 0) await this.knowPositions(userRooms, scope.since);
    const sliceEnd = this.slices.begin();
    let hasWorked = false;
    for (const [index, userRoom] of userRooms.entries()) {
      loadAhead(this.sources, scope, userRooms, index);
      if (this.isQuiet(scope, userRoom, accountData) || !scope.filter.inRoom(userRoom.roomId)) continue;
      // Never before the first room: the many who wait for news of one room are answered in the same turn.
      const turn = hasWorked ? sliceEnd() : undefined;
      if (turn) await turn;
      hasWorked = true;
      const section = await this.roomSection(scope, userRoom, accountData.get(userRoom.roomId) ?? []);
      if (section) sections[section.kind].push(`${JSON.stringify(userRoom.roomId)}:${section.text}`);
    }
    const kinds = (['join', 'invite', 'knock', 'leave'] as const).filter((kind) => sections[kind].length > 0);
    if (kinds.length === 0) return [];
    return [`"rooms":{${kinds.map((kind) => `"${kind}":{${sections[kind].join(',')}}`).join(',')}}`];
  }

  /** Makes sure that it is known of each room whether it has moved. */
  private async knowPositions(userRooms: readonly UserRoom[], since: number): Promise<void> {
    const { positions } = this.sources;
    const unknown: UserRoom[] = [];
    for (const userRoom of userRooms) {
      if (userRoom.membership === 'join' && positions.movedSince(userRoom.roomId, since) === undefined) {
        unknown.push(userRoom);
      }
    }
    if (unknown.length > 0) await positions.load(unknown);
  }

  /** Most rooms of most syncs: nothing has happened since. Told from memory, without loading the room. */
  private isQuiet(
    scope: SyncScope,
    { roomId, membership, position }: UserRoom,
    accountData: ReadonlyMap<string, readonly StoredAccountData[]>,
  ): boolean {
    if (scope.since === 0 || scope.fullState) return false;
    if (membership !== 'join') return position <= scope.since;
    const { positions } = this.sources;
    return (
      positions.movedSince(roomId, scope.since) === false &&
      (accountData.size === 0 || !accountData.has(roomId)) &&
      !this.isTyping(scope, roomId)
    );
  }

  private isTyping(scope: SyncScope, roomId: string): boolean {
    const { typing } = this.sources;
    const isSameInstance = scope.token?.instance === typing.instance;
    if (isSameInstance && typing.serial <= scope.token!.typing) return false;
    const state = typing.in(roomId);
    return isSameInstance ? state.serial > scope.token!.typing : state.userIds.length > 0;
  }

  private async roomSection(
    scope: SyncScope,
    userRoom: UserRoom,
    data: readonly StoredAccountData[],
  ): Promise<{ kind: 'join' | 'invite' | 'knock' | 'leave'; text: string } | undefined> {
    const isChanged = userRoom.position > scope.since && userRoom.position <= scope.upTo;
    switch (userRoom.membership) {
      case 'join': {
        const text = await this.joined(scope, userRoom, data);
        return text === undefined ? undefined : { kind: 'join', text };
      }
      case 'invite':
      case 'knock': {
        if (!isChanged && scope.since > 0) return undefined;
        if (userRoom.membership === 'invite' && (await this.isFromIgnored(scope, userRoom))) return undefined;
        const name = `${userRoom.membership}_state`;
        return { kind: userRoom.membership, text: `{"${name}":{"events":${userRoom.strippedState ?? '[]'}}}` };
      }
      default: {
        // Other devices learn that the user has left, however soon it was forgotten.
        if (scope.since === 0 ? userRoom.forgotten || !scope.filter.includeLeave : !isChanged) return undefined;
        const room = await this.sources.rooms.get(userRoom.roomId);
        if (!room) return { kind: 'leave', text: await unseenRoomJson(this.sources, scope, userRoom, data) };
        return { kind: 'leave', text: await leftRoomJson(this.sources, scope, room, userRoom, data) };
      }
    }
  }

  private async joined(
    scope: SyncScope,
    userRoom: UserRoom,
    accountData: readonly StoredAccountData[],
  ): Promise<string | undefined> {
    const { sources } = this;
    const room = sources.rooms.peek(userRoom.roomId) ?? (await sources.rooms.get(userRoom.roomId));
    if (!room || isHidden(scope, room)) return undefined;
    const isTyping = this.isTyping(scope, userRoom.roomId);
    return joinedRoomJson(sources, this.lazy, scope, { room, userRoom, accountData, isTyping });
  }

  private async isFromIgnored(scope: SyncScope, userRoom: UserRoom): Promise<boolean> {
    if (scope.ignored.size === 0) return false;
    const invite = (await this.sources.events.byNids([userRoom.eventNid], { id: userRoom.roomId })).get(
      userRoom.eventNid,
    );
    return invite !== undefined && scope.ignored.has(invite.sender);
  }
}

/** Clients that want all members see a room when these are known. */
function isHidden({ filter, upTo }: SyncScope, room: Room): boolean {
  return !filter.lazyMembers && (room.partial !== undefined || room.fullAt > upTo);
}
