import { invalidParam } from '../../protocol/errors.ts';
import type { NoticeBoard } from '../events.ts';
import type { CompiledFilter } from '../filters/compiled-filter.ts';
import type { UserRoom } from '../membership/user-rooms.ts';
import type { Room } from '../timeline/room.ts';
import { accountDataJson, joinedRoomJson } from './joined-room.ts';
import { keyCountsJson } from './key-counts-json.ts';
import { LazyMembers } from './lazy-members.ts';
import { leftRoomJson, unseenRoomJson } from './left-room.ts';
import { loadAhead } from './load-ahead.ts';
import { Slices } from './slices.ts';
import type { StoredAccountData, SyncSources } from './sources.ts';
import { syncFilter } from './sync-filter.ts';
import type { StateAfterName, SyncScope } from './sync-request.ts';
import { formatSyncToken, parseSyncToken, type SyncToken } from './sync-token.ts';
import { Waiters } from './waiters.ts';
import { wakeOnNotices } from './wake-on-notices.ts';

/** A client's request for a sync. */
export interface SyncRequest {
  readonly userId: string;
  readonly deviceId: string;
  readonly since: string | undefined;
  /** Milliseconds to wait for news. */
  readonly timeout: number;
  readonly fullState: boolean;
  readonly filter: CompiledFilter;
  readonly stateAfter: StateAfterName | undefined;
  readonly setPresence: 'online' | 'unavailable' | 'offline' | undefined;
  /** Calls back once when the waiting is to end: the client has gone, or the server stops. Answers what takes that back. */
  readonly whenOver: (callback: () => void) => () => void;
}

export interface SyncLimits {
  readonly timelineMax: number;
  readonly timeoutMax: number;
  readonly waitersPerUser: number;
  readonly toDeviceMax: number;
  readonly lazyRooms: number;
}

/** A computed response, and whether there is anything in it that is news. */
interface Answer {
  readonly text: string;
  readonly hasNews: boolean;
}

/**
 * `GET /sync`: which rooms have news, what they are, and in what form the client wants them. Reads only.
 * Source: https://spec.matrix.org/v1.19/client-server-api/#syncing
 */
export class Sync {
  private readonly sources: SyncSources;
  private readonly limits: SyncLimits;
  private readonly waiters: Waiters;
  private readonly lazy: LazyMembers;
  private readonly slices: Slices;

  constructor(sources: SyncSources, notices: NoticeBoard, limits: SyncLimits) {
    this.sources = sources;
    this.limits = limits;
    this.waiters = new Waiters(limits.waitersPerUser);
    this.lazy = new LazyMembers({ roomsOfDevices: limits.lazyRooms });
    this.slices = new Slices(sources.clock);
    wakeOnNotices(notices, this.waiters, sources);
  }

  /**
   * Answers when there is news, or when the time is over. The answer is JSON.
   * @throws M_INVALID_PARAM for a `since` that is not of this server
   */
  async sync(request: SyncRequest): Promise<string> {
    const given = request.since === undefined ? undefined : parseSyncToken(request.since);
    if (request.since !== undefined && !given) throw invalidParam('since is not a token of this server');
    // From a later time than the database, which was restored from a backup: the client gets everything anew.
    const token = given && given.position <= this.sources.storage.head ? given : undefined;
    this.sources.presence.seen(request.userId, request.setPresence ?? 'online', request.deviceId);
    if (token && token.toDevice > 0)
      await this.sources.toDevice.confirm(request.userId, request.deviceId, token.toDevice);
    if (!token || request.timeout <= 0 || request.fullState) return (await this.compute(request, token)).text;
    return this.wait(request, token);
  }

  private async wait(request: SyncRequest, token: SyncToken): Promise<string> {
    const { clock } = this.sources;
    const waiter = this.waiters.add(request.userId);
    let isOver = false;
    const end = () => {
      isOver = true;
      waiter.cancel();
    };
    const cancelTimer = clock.after(Math.min(request.timeout, this.limits.timeoutMax), end);
    const stay = request.whenOver(end);
    try {
      for (;;) {
        waiter.reset();
        if (isOver || !this.isCurrent(request, token)) {
          const answer = await this.compute(request, token);
          if (answer.hasNews || isOver) return answer.text;
        }
        await waiter.news();
        // Let go by a newer waiter of the same user, or out of time: what there is, is the answer.
        if (waiter.isCancelled) isOver = true;
      }
    } finally {
      cancelTimer();
      stay();
      waiter.cancel();
    }
  }

  /** Whether nothing at all has happened since: clients that come back at once have nothing computed for them. */
  private isCurrent({ userId, deviceId }: SyncRequest, token: SyncToken): boolean {
    const { storage, typing, presence, toDevice } = this.sources;
    return (
      token.position === storage.head &&
      token.instance === typing.instance &&
      token.typing === typing.serial &&
      token.presence === presence.serial &&
      toDevice.hasNone(userId, deviceId, token.toDevice)
    );
  }

  private async compute(request: SyncRequest, token: SyncToken | undefined): Promise<Answer> {
    const { sources } = this;
    const known = await sources.userRooms.of(request.userId);
    // The user's rooms as they are at this position: those that they enter or leave from now on are for the next sync.
    const upTo = sources.storage.head;
    const userRooms = [...known.values()];
    const typingSerial = sources.typing.serial;
    const presenceSerial = sources.presence.serial;
    const ignored = sources.accountData.ignoredUsers(request.userId);
    const scope: SyncScope = {
      userId: request.userId,
      deviceId: request.deviceId,
      token,
      since: token?.position ?? 0,
      upTo,
      filter: syncFilter(request.filter, this.limits.timelineMax),
      fullState: request.fullState,
      stateAfter: request.stateAfter,
      ignored: ignored instanceof Promise ? await ignored : ignored,
      now: sources.clock.now(),
    };
    const accountData = await sources.accountData.changedSince(request.userId, scope.since, upTo);
    const rooms = await this.rooms(scope, userRooms, accountData.rooms);
    const parts = [
      ...rooms.sections,
      ...accountDataPart(scope, accountData.global),
      ...(await this.presencePart(scope)),
    ];
    const toDevice = await this.toDevice(scope);
    if (toDevice.text) parts.push(toDevice.text);
    parts.push(...(await this.deviceLists(scope)));
    const hasNews = parts.length > 0;
    parts.push(await this.keyCounts(scope));
    const next = formatSyncToken({
      position: upTo,
      toDevice: toDevice.delivered,
      instance: sources.typing.instance,
      typing: typingSerial,
      presence: presenceSerial,
    });
    return { text: `{"next_batch":"${next}",${parts.join(',')}}`, hasNews };
  }

  private async rooms(
    scope: SyncScope,
    userRooms: readonly UserRoom[],
    accountData: ReadonlyMap<string, readonly StoredAccountData[]>,
  ): Promise<{ sections: string[] }> {
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
    if (kinds.length === 0) return { sections: [] };
    return { sections: [`"rooms":{${kinds.map((kind) => `"${kind}":{${sections[kind].join(',')}}`).join(',')}}`] };
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

  private async presencePart(scope: SyncScope): Promise<string[]> {
    const { presence, typing } = this.sources;
    if (scope.filter.presence.passesNothing) return [];
    const isSameInstance = scope.token?.instance === typing.instance;
    const since = isSameInstance ? scope.token!.presence : 0;
    if (presence.serial <= since) return [];
    const { passes } = scope.filter.presence;
    const events = (await presence.changedSince(scope.userId, since)).filter((event) =>
      passes('m.presence', String(event['sender']), false),
    );
    return events.length === 0 ? [] : [`"presence":{"events":${JSON.stringify(events)}}`];
  }

  private async toDevice(scope: SyncScope): Promise<{ text: string | undefined; delivered: number }> {
    const after = scope.token?.toDevice ?? 0;
    const { userId, deviceId, upTo } = scope;
    const max = this.limits.toDeviceMax;
    const messages = await this.sources.toDevice.pending(userId, deviceId, after, upTo, max);
    const last = messages.at(-1);
    if (!last) return { text: undefined, delivered: after };
    // All were delivered: none older than the head can come. With more waiting, only these were.
    const delivered = messages.length < max ? Math.max(last.position, after) : last.position;
    return { text: `"to_device":{"events":[${messages.map((m) => m.json).join(',')}]}`, delivered };
  }

  private async deviceLists(scope: SyncScope): Promise<string[]> {
    if (scope.since === 0) return [];
    const { changed, left } = await this.sources.deviceLists.changedSince(scope.userId, scope.since, scope.upTo);
    if (changed.length === 0 && left.length === 0) return [];
    return [`"device_lists":${JSON.stringify({ changed, left })}`];
  }

  private async keyCounts({ userId, deviceId }: SyncScope): Promise<string> {
    return keyCountsJson(await this.sources.deviceKeys.counts(userId, deviceId));
  }
}

/** Clients that want all members see a room when these are known. */
function isHidden({ filter, upTo }: SyncScope, room: Room): boolean {
  return !filter.lazyMembers && (room.partial !== undefined || room.fullAt > upTo);
}

function accountDataPart(scope: SyncScope, items: readonly StoredAccountData[]): string[] {
  const passing = items.filter((item) => scope.filter.accountData.passes(item.type, undefined, false));
  return passing.length === 0 ? [] : [`"account_data":{"events":[${passing.map(accountDataJson).join(',')}]}`];
}
