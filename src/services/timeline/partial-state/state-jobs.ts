import { onlyPrevEventId, prevEventIds } from '../../../protocol/events/prev-event-ids.ts';
import { serverOf } from '../../../protocol/identifiers/parts.ts';
import { WriteSet } from '../../../storage/contract/write-set.ts';
import type { Clock } from '../../../util/clock.ts';
import { LimitedConcurrency } from '../../../util/limited-concurrency.ts';
import type { Logger } from '../../../util/logger.ts';
import type { NoticeBoard } from '../../events.ts';
import { commitDecision, settle } from '../commit-decision.ts';
import { inRoom } from '../in-room.ts';
import { isRemoteFailure } from '../receive-pdu/remote-room.ts';
import type { PartialState, Room } from '../room.ts';
import type { StoredEvent } from '../stored-event.ts';
import type { Timeline } from '../timeline.ts';
import { type CompleteStateDependencies, type Completion, StateCompletion } from './complete-state.ts';
import { type FetchStateDependencies, StateFetch } from './fetch-state.ts';
import { endPartial } from './partial-writes.ts';

export interface StateJobSettings {
  /** Rooms whose state is fetched at the same time. */
  readonly atOnce: number;
  /** Servers asked in one round. */
  readonly servers: number;
  /** Rounds after which the users of this server leave the room. */
  readonly rounds: number;
  /** Milliseconds between two rounds; twice as long after each. */
  readonly retryMin: number;
  readonly retryMax: number;
}

export interface StateJobDependencies extends CompleteStateDependencies, FetchStateDependencies {
  readonly notices: NoticeBoard;
  readonly timeline: Timeline;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The name of this server. */
  readonly serverName: string;
  readonly settings: StateJobSettings;
}

/** Times that events are asked for which turn out to be missing, before the room is completed without. */
const LOOKS = 5;
/** Milliseconds before this server tries again when its own storage fails. */
const PAUSE_MS = 5_000;

/**
 * Fetches the whole state of rooms that were joined without it. What is to be done is in storage, so that the next
 * process goes on where one ends. A room that this server leaves needs no state any more; one of which no server tells
 * the state is left.
 */
export class StateJobs {
  private readonly d: StateJobDependencies;
  private readonly completion: StateCompletion;
  private readonly fetch: StateFetch;
  private readonly turns: LimitedConcurrency;
  private readonly stopping = new AbortController();
  /** By room; and which of them wait for their next round. */
  private readonly running = new Map<string, Promise<void>>();
  private readonly pauses = new Map<string, () => void>();

  constructor(dependencies: StateJobDependencies) {
    this.d = dependencies;
    this.completion = new StateCompletion(dependencies);
    this.fetch = new StateFetch(dependencies, this.stopping.signal);
    this.turns = new LimitedConcurrency({ running: dependencies.settings.atOnce, waiting: Number.POSITIVE_INFINITY });
    dependencies.notices.on('roomPartial', ({ roomId }) => this.begin(roomId));
    dependencies.notices.on('membership', ({ roomId, membership }) => {
      if (membership !== 'join' && dependencies.rooms.peek(roomId)?.partial) this.begin(roomId);
    });
  }

  /** Goes on where the last process ended. */
  async start(): Promise<void> {
    for (const roomId of await this.d.storage.read((tx) => tx.partialRooms.unfinished())) this.begin(roomId);
  }

  /** Ends what is under way. */
  async stop(): Promise<void> {
    this.stopping.abort();
    for (const end of this.pauses.values()) end();
    await this.drain();
  }

  /** Resolves when no room is worked on, other than such as wait for a later round. */
  async drain(): Promise<void> {
    while (this.running.size > 0) await Promise.all(this.running.values());
  }

  /** Works on a room, at once if it waits for its next round. */
  private begin(roomId: string): void {
    this.pauses.get(roomId)?.();
    if (this.stopping.signal.aborted) return;
    const before = this.running.get(roomId) ?? Promise.resolve();
    const running = before
      .then(() =>
        this.turns.run(
          () => this.work(roomId),
          () => new Error('as many as there are may wait'),
        ),
      )
      .catch((error: unknown) => {
        this.d.logger.error({ err: error, roomId }, 'the state of a room cannot be brought up to date now');
        this.pause(roomId, PAUSE_MS);
      })
      .finally(() => {
        if (this.running.get(roomId) === running) this.running.delete(roomId);
      });
    this.running.set(roomId, running);
  }

  private pause(roomId: string, ms: number): void {
    if (this.stopping.signal.aborted) return;
    const end = () => {
      cancel();
      this.pauses.delete(roomId);
    };
    const cancel = this.d.clock.after(ms, () => {
      end();
      this.begin(roomId);
    });
    this.pauses.set(roomId, end);
  }

  private async work(roomId: string): Promise<void> {
    const { clock, settings, storage } = this.d;
    const room = await this.d.rooms.get(roomId);
    const row = room && (await storage.read((tx) => tx.partialRooms.of(room.nid)));
    if (this.stopping.signal.aborted || !room?.partial || row?.full_at !== null) return;
    if (this.localMembers(room).length === 0) return this.abandon(roomId);
    const wait = row.retry_at - clock.now();
    if (wait > 0) return this.pause(roomId, wait);
    if (await this.round(room, room.partial)) return;
    if (this.stopping.signal.aborted) return;
    const attempts = row.attempts + 1;
    if (attempts >= settings.rounds) return this.giveUp(room);
    const pause = Math.min(settings.retryMax, settings.retryMin * 2 ** Math.min(row.attempts, 40));
    const next = { room_nid: room.nid, attempts, retry_at: clock.now() + pause };
    await storage.commit(new WriteSet().add('partial_rooms.retry', next));
    this.pause(roomId, pause);
  }

  /** Asks one server after the other. Answers whether there is nothing more to do. */
  private async round(room: Room, { joinNid, origin, servers }: PartialState): Promise<boolean> {
    const { logger, settings, serverName } = this.d;
    const all = [...new Set([origin, ...servers])].filter((server) => server !== serverName);
    for (const server of all.slice(0, settings.servers)) {
      if (room.partial?.joinNid !== joinNid || this.stopping.signal.aborted) return true;
      try {
        const completion = await this.completeBy(server, room, joinNid);
        if (completion !== 'refused') return true;
        logger.warn({ roomId: room.id, server }, 'the state that a server tells does not let this one into the room');
      } catch (error) {
        if (!isRemoteFailure(error)) throw error;
        logger.info({ roomId: room.id, server, err: error }, 'a server does not tell the state of a room');
      }
    }
    return false;
  }

  private async completeBy(server: string, room: Room, joinNid: number): Promise<Completion> {
    const join = (await this.d.events.byNids([joinNid], room)).get(joinNid)!;
    const beforeJoin = await this.fetch.before(server, room, join.eventId);
    const afterMissing = new Map<string, number>();
    const only = onlyPrevEventId(join.pdu);
    if (only !== undefined) afterMissing.set(only, beforeJoin);
    const asked = new Set<string>();
    for (let look = 0; ; look++) {
      const told = { beforeJoin, afterMissing };
      const completion = await this.completion.complete(room.id, joinNid, told, look < LOOKS ? asked : undefined);
      if (typeof completion === 'string') return completion;
      for (const event of completion.missing) await this.askAfter(server, room, event, { asked, afterMissing });
    }
  }

  /** Asks for the states after what an event names and is not here: a server that is trusted so far, then its own. */
  private async askAfter(
    server: string,
    room: Room,
    event: StoredEvent,
    { asked, afterMissing }: { readonly asked: Set<string>; readonly afterMissing: Map<string, number> },
  ): Promise<void> {
    const stored = await this.d.events.byIds(prevEventIds(event.pdu), room);
    for (const id of prevEventIds(event.pdu)) {
      if (asked.has(id) || stored.get(id)?.stateLayer !== undefined) continue;
      asked.add(id);
      for (const one of new Set([server, serverOf(event.sender) ?? server])) {
        if (afterMissing.has(id) || one === this.d.serverName) continue;
        try {
          afterMissing.set(id, await this.fetch.after(one, room, id));
        } catch (error) {
          if (!isRemoteFailure(error)) throw error;
        }
      }
    }
  }

  /** Nobody of this server is in the room any more. */
  private abandon(roomId: string): Promise<void> {
    return inRoom(this.d, roomId, async (_turn, room) => {
      if (!room.partial || this.localMembers(room).length > 0) return;
      await settle(room);
      const set = new WriteSet();
      endPartial(this.d, set, room, set.nextPosition(), { isFull: false });
      await commitDecision(this.d, room, set);
    });
  }

  /** Without its state a room cannot be taken part in: nobody would know whom to believe. */
  private async giveUp(room: Room): Promise<void> {
    this.d.logger.warn({ roomId: room.id }, 'no server tells the state of a room: its users of this server leave it');
    const content = { membership: 'leave', reason: 'No other server told who is in the room' };
    for (const sender of this.localMembers(room)) {
      await this.d.timeline.send(room.id, { type: 'm.room.member', stateKey: sender, sender, content });
    }
    await this.abandon(room.id);
  }

  private localMembers(room: Room): string[] {
    return [...room.joinedMembers()].filter((userId) => this.d.isLocal(userId));
  }
}
