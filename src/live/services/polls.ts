/**
 * Polls: begun and ended by events that Element understands, voted on by anybody with an account, one vote each, which
 * can be changed. Counts are told as they stand; the end says them for good.
 */
import { forbidden, invalidParam, notFound } from '../../protocol/errors.ts';
import { relationIn } from '../../protocol/events/relations.ts';
import type { JsonObject } from '../../protocol/json.ts';
import type { NoticeBoard } from '../../services/events.ts';
import type { EventCache } from '../../services/timeline/event-cache.ts';
import type { Room } from '../../services/timeline/room.ts';
import type { RoomCache } from '../../services/timeline/room-cache.ts';
import type { StoredEvent } from '../../services/timeline/stored-event.ts';
import type { Timeline } from '../../services/timeline/timeline.ts';
import type { Storage } from '../../storage/contract/storage.ts';
import { ConflictError, WriteSet } from '../../storage/contract/write-set.ts';
import type { Clock } from '../../util/clock.ts';
import {
  chosenIn,
  isPollEnd,
  isPollResponse,
  isPollStart,
  POLL_END,
  POLL_START,
  type Poll,
  pollEndContent,
  pollStartContent,
  readPoll,
} from '../rules/poll.ts';
import type { Refusal } from '../rules/refusals.ts';
import { liveArea } from '../store/live-area.ts';
import { requireModerator } from './channel-powers.ts';
import type { LiveChannels } from './live-channels.ts';
import type { LiveRoom, LiveRooms } from './live-rooms.ts';
import { isForMembers, mayWatchChannel } from './may-watch.ts';
import type { ModLog } from './mod-log.ts';
import { errorOf } from './refusal-errors.ts';

export interface PollsParts {
  readonly storage: Storage;
  readonly notices: NoticeBoard;
  readonly events: Pick<EventCache, 'peek'>;
  readonly rooms: Pick<RoomCache, 'get' | 'peek'>;
  readonly timeline: Pick<Timeline, 'send'>;
  readonly liveRooms: LiveRooms;
  readonly liveChannels: Pick<LiveChannels, 'opened'>;
  readonly log: ModLog;
  readonly clock: Clock;
  readonly serviceUser: string;
  /** Has somebody in the room who is to write there. */
  readonly enter: (userId: string, live: LiveRoom) => Promise<void>;
  /** What holds against a user. */
  readonly refusalOf: (live: LiveRoom, room: Room, userId: string) => Refusal | undefined;
  readonly limits: { readonly polls: number; readonly voters: number };
  onFault(error: unknown): void;
}

interface OpenPoll {
  readonly live: LiveRoom;
  readonly poll: Poll;
  readonly endsAt: number;
  readonly votes: Map<string, number>;
  readonly counts: number[];
  /** Whether it was begun among members. */
  readonly forMembers: boolean;
  /** Voters whose votes are not in the database yet. */
  readonly unsaved: Set<string>;
}

/** What polls without an end of their own get. */
const LONGEST_MS = 30 * 60_000;

export class Polls {
  readonly #parts: PollsParts;
  readonly #open = new Map<string, OpenPoll>();

  constructor(parts: PollsParts) {
    this.#parts = parts;
    parts.notices.on('timeline', ({ roomId, eventNid }) => {
      const live = parts.liveRooms.byRoom(roomId);
      const event = live && parts.events.peek(eventNid);
      if (live && event) this.#happened(live, event);
    });
  }

  async start(): Promise<void> {
    const { storage, liveRooms } = this.#parts;
    await storage.readArea(liveArea, async (store) => {
      for (const row of await store.openPolls()) {
        // The channel may have moved on from the room in which it began.
        const live = liveRooms.byChannel(row.channel_id);
        if (!live) continue;
        await this.#parts.rooms.get(live.roomId);
        const open = this.#begin(live, row.poll_id, JSON.parse(row.content) as Poll, row.ends_at);
        for (const { user_id, answers } of await store.votes(row.poll_id)) {
          this.#count(open, user_id, (JSON.parse(answers) as number[])[0] ?? -1);
        }
        open.unsaved.clear();
      }
    });
  }

  /** Begins a poll and answers its id. @throws M_FORBIDDEN */
  async begin(by: string, live: LiveRoom, question: string, answers: readonly string[], ms: number): Promise<string> {
    const { timeline, clock, log, rooms, enter } = this.#parts;
    await requireModerator(rooms, by, live);
    if (this.ofChannel(live).length > 0) throw forbidden('There is a poll already');
    await enter(by, live);
    const content = pollStartContent(question, answers, clock.now() + Math.min(ms, LONGEST_MS));
    const draft = { type: POLL_START, sender: by, content };
    const { eventId } = await timeline.send(live.roomId, draft, { isAdmitted: true });
    await log.note(by, live, 'poll', eventId, { question });
    return eventId;
  }

  /** Ends a poll. @throws M_FORBIDDEN, M_NOT_FOUND */
  async end(by: string, live: LiveRoom, pollId: string): Promise<{ counts: readonly number[] }> {
    await requireModerator(this.#parts.rooms, by, live);
    const open = this.#open.get(pollId);
    if (open?.live.channelId !== live.channelId || this.#isTooOpen(open)) throw notFound('There is no such poll');
    await this.#finish(pollId, open);
    await this.#parts.log.note(by, live, 'poll.end', pollId);
    return { counts: open.counts };
  }

  /**
   * Votes, or votes anew. `answer`: the index of an answer.
   * @throws M_NOT_FOUND, M_INVALID_PARAM; M_FORBIDDEN for those who are banned or timed out
   */
  async vote(userId: string, live: LiveRoom, pollId: string, answer: number): Promise<void> {
    const { rooms, refusalOf } = this.#parts;
    const room = await rooms.get(live.roomId);
    const isWatched = room && (await mayWatchChannel(this.#parts, live, room, userId));
    const refusal = isWatched ? refusalOf(live, room, userId) : undefined;
    if (refusal) throw errorOf(refusal, 'client');
    const open = isWatched ? this.#open.get(pollId) : undefined;
    if (open?.live.channelId !== live.channelId) throw notFound('There is no such poll');
    if (open.poll.answers[answer] === undefined) throw invalidParam('There is no such answer');
    if (!open.votes.has(userId) && open.votes.size >= this.#parts.limits.voters) return;
    this.#count(open, userId, answer);
    this.#tell(pollId, open);
  }

  /** The polls of a channel that are open, as viewers are told. */
  ofChannel({ channelId }: LiveRoom): JsonObject[] {
    return [...this.#open]
      .filter(([, open]) => open.live.channelId === channelId && !this.#isTooOpen(open))
      .map(([id, { poll, endsAt, counts }]) => ({
        ...{ id, question: poll.question, answers: poll.answers.map(({ text }) => text) },
        ...{ ends_at: endsAt, counts: [...counts] },
      }));
  }

  /** Ends what is over, and writes down the votes that came in. */
  async sweep(): Promise<void> {
    const now = this.#parts.clock.now();
    for (const [pollId, open] of [...this.#open]) {
      // Its end would tell all what was asked among members.
      if (this.#isTooOpen(open)) await this.#close(pollId, open);
      else if (open.endsAt <= now) await this.#finish(pollId, open);
      else await this.#save(pollId, open);
    }
  }

  #happened(live: LiveRoom, { type, content, sender, eventId }: StoredEvent): void {
    if (isPollStart(type)) this.#begun(live, eventId, sender, content);
    const about = relationIn(content)?.eventId;
    const open = about === undefined ? undefined : this.#open.get(about);
    if (!open || about === undefined) return;
    if (isPollResponse(type)) {
      const [chosen] = chosenIn(content);
      const answer = open.poll.answers.findIndex(({ id }) => id === chosen);
      if (answer >= 0) this.#count(open, sender, answer);
      this.#tell(about, open);
    } else if (isPollEnd(type)) {
      void this.#close(about, open).catch(this.#parts.onFault);
    }
  }

  #begun(live: LiveRoom, pollId: string, by: string, content: JsonObject): void {
    const { clock, storage, onFault, limits } = this.#parts;
    const poll = readPoll(content);
    if (!poll || this.#open.size >= limits.polls) return;
    const now = clock.now();
    const endsAt = Math.min(poll.endsAt ?? now + LONGEST_MS, now + LONGEST_MS);
    this.#begin(live, pollId, poll, endsAt);
    const row = {
      ...{ poll_id: pollId, channel_id: live.channelId, room_id: live.roomId, by_user: by },
      ...{ content: JSON.stringify(poll), answers: '[]', started_at: now, ends_at: endsAt, ended_at: null },
    };
    storage.commit(new WriteSet().add('live.polls.insert', row)).catch(onFault);
  }

  #begin(live: LiveRoom, pollId: string, poll: Poll, endsAt: number): OpenPoll {
    const counts = poll.answers.map(() => 0);
    const room = this.#parts.rooms.peek(live.roomId);
    const forMembers = room !== undefined && isForMembers(room);
    const open = { live, poll, endsAt, votes: new Map(), counts, forMembers, unsaved: new Set<string>() };
    this.#open.set(pollId, open);
    this.#parts.liveChannels.opened(live)?.feed.factsChanged();
    return open;
  }

  /** Whether others may watch by now than when it was begun. */
  #isTooOpen({ live, forMembers }: OpenPoll): boolean {
    const room = this.#parts.rooms.peek(this.#now(live).roomId);
    return forMembers && room !== undefined && !isForMembers(room);
  }

  #count({ votes, counts, unsaved }: OpenPoll, userId: string, answer: number): void {
    const before = votes.get(userId);
    if (before === answer || counts[answer] === undefined) return;
    if (before !== undefined) counts[before] = (counts[before] ?? 1) - 1;
    counts[answer] += 1;
    votes.set(userId, answer);
    unsaved.add(userId);
  }

  #tell(pollId: string, { live: begun, counts }: OpenPoll): void {
    const live = this.#now(begun);
    this.#parts.liveChannels.opened(live)?.feed.setTally(pollId, [...counts]);
  }

  /** Where the channel is now: it may have moved on to another room since. */
  #now(live: LiveRoom): LiveRoom {
    return this.#parts.liveRooms.byChannel(live.channelId) ?? live;
  }

  /** Says in the room how it came out; what then happens there closes it. */
  async #finish(pollId: string, { live: begun, poll, counts }: OpenPoll): Promise<void> {
    const live = this.#now(begun);
    const { timeline, serviceUser } = this.#parts;
    const draft = { type: POLL_END, sender: serviceUser, content: pollEndContent(pollId, poll, counts) };
    await timeline.send(live.roomId, draft, { isAdmitted: true });
  }

  async #close(pollId: string, { live: begun, counts }: OpenPoll): Promise<void> {
    const live = this.#now(begun);
    this.#open.delete(pollId);
    this.#parts.liveChannels.opened(live)?.feed.setTally(pollId, undefined);
    const ended_at = this.#parts.clock.now();
    const set = new WriteSet().add('live.polls.end', { poll_id: pollId, answers: JSON.stringify(counts), ended_at });
    try {
      await this.#parts.storage.commit(set.add('live.votes.drop', { poll_id: pollId }));
    } catch (error) {
      // Another process, or an event that came twice, was faster.
      if (!(error instanceof ConflictError)) throw error;
    }
  }

  async #save(pollId: string, { votes, unsaved }: OpenPoll): Promise<void> {
    if (unsaved.size === 0) return;
    const set = new WriteSet();
    const voted_at = this.#parts.clock.now();
    for (const user_id of unsaved) {
      set.add('live.votes.put', { poll_id: pollId, user_id, answers: JSON.stringify([votes.get(user_id)]), voted_at });
    }
    unsaved.clear();
    await this.#parts.storage.commit(set);
  }
}
