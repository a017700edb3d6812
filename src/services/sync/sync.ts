import { invalidParam } from '../../protocol/errors.ts';
import type { NoticeBoard } from '../events.ts';
import type { CompiledFilter } from '../filters/compiled-filter.ts';
import { accountDataJson } from './joined-room.ts';
import { keyCountsJson } from './key-counts-json.ts';
import { RoomSections } from './room-sections.ts';
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
  private readonly rooms: RoomSections;

  constructor(sources: SyncSources, notices: NoticeBoard, limits: SyncLimits) {
    this.sources = sources;
    this.limits = limits;
    this.waiters = new Waiters(limits.waitersPerUser);
    this.rooms = new RoomSections(sources, limits);
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
    const parts = [
      ...(await this.rooms.of(scope, userRooms, accountData.rooms)),
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

function accountDataPart(scope: SyncScope, items: readonly StoredAccountData[]): string[] {
  const passing = items.filter((item) => scope.filter.accountData.passes(item.type, undefined, false));
  return passing.length === 0 ? [] : [`"account_data":{"events":[${passing.map(accountDataJson).join(',')}]}`];
}
