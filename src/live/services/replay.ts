/**
 * The chat of a session, as it can be seen again: what was said, with its time from the start by this server's clock.
 * What was taken out is gone from here, too, and of those who are banned nothing is shown. What was said while only
 * members might watch is shown to members alone, also when others may watch again.
 */
import { createHash } from 'node:crypto';
import { forbidden, notFound } from '../../protocol/errors.ts';
import { stringIn } from '../../protocol/events/content-readers.ts';
import type { JsonObject } from '../../protocol/json.ts';
import type { NoticeBoard } from '../../services/events.ts';
import type { HistoryVisibility } from '../../services/history/history-visibility.ts';
import type { EventCache } from '../../services/timeline/event-cache.ts';
import type { Room } from '../../services/timeline/room.ts';
import type { RoomCache } from '../../services/timeline/room-cache.ts';
import type { StoredEvent } from '../../services/timeline/stored-event.ts';
import type { Storage } from '../../storage/contract/storage.ts';
import { WriteSet } from '../../storage/contract/write-set.ts';
import type { Clock } from '../../util/clock.ts';
import type { Entry } from '../hub/entry.ts';
import type { MomentRow } from '../store/extras-store.ts';
import { liveArea } from '../store/live-area.ts';
import type { Channel, ChannelBook } from './channel-book.ts';
import { entryOf } from './channel-entries.ts';
import type { Clearings } from './clearings.ts';
import type { LiveRooms } from './live-rooms.ts';
import { isForMembers } from './may-watch.ts';

export interface ReplayParts {
  readonly storage: Storage;
  readonly notices: NoticeBoard;
  readonly events: Pick<EventCache, 'peek' | 'peekById' | 'byIds'>;
  /** Who may see what was said to members: whoever was one then. */
  readonly visibility: Pick<HistoryVisibility, 'filter'>;
  readonly clearings: Pick<Clearings, 'of'>;
  readonly rooms: Pick<RoomCache, 'get' | 'peek'>;
  readonly liveRooms: LiveRooms;
  readonly book: ChannelBook;
  readonly clock: Clock;
  readonly limits: {
    /** Moments of a bucket. */
    readonly bucket: number;
    /** Moments that wait to be written. */
    readonly waiting: number;
    /** Milliseconds for which they are kept. */
    readonly lifeMs: number;
  };
}

export interface ReplayBucket {
  readonly body: string;
  readonly etag: string;
  readonly isOver: boolean;
  /** Whether everybody who may watch gets the same. */
  readonly isSame: boolean;
}

export const BUCKET_MS = 30_000;

export class Replay {
  readonly #parts: ReplayParts;
  #waiting: MomentRow[] = [];
  #buried: string[] = [];
  /** What messages say since they were edited, by event. */
  #edited = new Map<string, string>();
  #writing: Promise<void> = Promise.resolve();

  constructor(parts: ReplayParts) {
    this.#parts = parts;
    const { notices, events, liveRooms } = parts;
    notices.on('timeline', ({ roomId, eventNid }) => {
      const live = liveRooms.byRoom(roomId);
      const channel = live && parts.book.find(live.channelId);
      const event = channel && events.peek(eventNid);
      const room = event && parts.rooms.peek(roomId);
      const original = (id: string) => events.peekById(id);
      const told = event && room && live ? entryOf(event, room, live.streamer, original) : undefined;
      if (channel && event && told && room) this.#note(channel, event, told.entry, isForMembers(room));
    });
    notices.on('redaction', ({ roomId, eventId }) => {
      if (!liveRooms.byRoom(roomId)) return;
      this.#waiting = this.#waiting.filter(({ entry_id }) => entry_id !== eventId);
      this.#buried.push(eventId);
    });
  }

  /** Writes down what has come in: in one piece for all channels. What could not be written waits for the next time. */
  flush(): Promise<void> {
    const written = this.#writing.then(() => this.#write());
    // Whoever asked is told why it failed; whoever asks next tries again.
    this.#writing = written.catch(() => undefined);
    return written;
  }

  async #write(): Promise<void> {
    const [moments, buried, edited] = [this.#waiting, this.#buried, this.#edited];
    if (moments.length + buried.length + edited.size === 0) return;
    this.#waiting = [];
    this.#buried = [];
    this.#edited = new Map();
    const set = new WriteSet();
    try {
      for (const moment of [...moments, ...(await this.#editedMoments(edited))]) set.add('live.index.put', moment);
      for (const entry_id of buried) set.add('live.index.removeEvent', { entry_id });
      await this.#parts.storage.commit(set);
    } catch (error) {
      this.#waiting = [...moments, ...this.#waiting].slice(0, this.#parts.limits.waiting);
      this.#buried = [...buried, ...this.#buried];
      this.#edited = new Map([...edited, ...this.#edited]);
      throw error;
    }
  }

  /** What is kept of messages that were edited, as they are now. */
  async #editedMoments(edited: ReadonlyMap<string, string>): Promise<MomentRow[]> {
    if (edited.size === 0) return [];
    return this.#parts.storage.readArea(liveArea, async (store) => {
      const rows: MomentRow[] = [];
      for (const [eventId, text] of edited) {
        for (const row of await store.momentsOfEvent(eventId)) rows.push(edit(row, text));
      }
      return rows;
    });
  }

  #edit(eventId: string, fields: string): void {
    const text = stringIn(JSON.parse(fields) as JsonObject, 'tx') ?? '';
    const isWaiting = this.#waiting.some(({ entry_id }) => entry_id === eventId);
    this.#waiting = this.#waiting.map((row) => (row.entry_id === eventId ? edit(row, text) : row));
    if (!isWaiting && this.#edited.size < this.#parts.limits.waiting) this.#edited.set(eventId, text);
  }

  /** Deletes what an erased user has said, `limit` moments at most. False once nothing is left. */
  async deleteOf(userId: string, limit: number): Promise<boolean> {
    await this.flush();
    const rows = await this.#parts.storage.readArea(liveArea, (store) => store.momentsOf(userId, limit));
    if (rows.length === 0) return false;
    const set = new WriteSet();
    for (const { entry_id } of rows) set.add('live.index.removeEvent', { entry_id });
    await this.#parts.storage.commit(set);
    return true;
  }

  /** Deletes a session that is over. Nothing is done where there is none. @throws M_FORBIDDEN for one that goes on */
  async deleteSession({ live: { channelId: channel_id }, state }: Channel, session_id: string): Promise<void> {
    if (state.status === 'live' && state.session?.id === session_id) throw forbidden('The session goes on');
    await this.flush();
    const set = new WriteSet().add('live.sessions.remove', { channel_id, session_id });
    set.add('live.heat.removeSession', { channel_id, session_id });
    await this.#parts.storage.commit(set.add('live.index.removeSession', { channel_id, session_id }));
  }

  async expire(): Promise<void> {
    const { storage, clock, limits } = this.#parts;
    await storage.commit(new WriteSet().add('live.index.trim', { before: clock.now() - limits.lifeMs }));
  }

  /** Half a minute of a session. `member`: a user who is in the room, who sees what was said to it. @throws M_NOT_FOUND */
  async bucket(
    { live }: Channel,
    sessionId: string,
    bucket: number,
    member: string | undefined,
  ): Promise<ReplayBucket> {
    const { storage, rooms, limits } = this.#parts;
    await this.flush();
    const from = bucket * BUCKET_MS;
    const { session, rows } = await storage.readArea(liveArea, async (store) => ({
      session: await store.session(live.channelId, sessionId),
      rows: await store.moments(sessionId, from, from + BUCKET_MS, limits.bucket),
    }));
    if (!session) throw notFound('There is no such session');
    const room = await rooms.get(session.room_id);
    const shown = await this.#shownTo(room, member, rows);
    const cleared = await this.#parts.clearings.of(live.channelId);
    const ev = shown.flatMap(({ offset_ms: o, kind: k, fields, user_id, place: position }) => {
      // With a time-out what its user has said is gone from screens, here as there.
      if (user_id !== null && cleared.hasOf({ sender: user_id, position })) return [];
      const json = JSON.parse(fields) as JsonObject;
      const user = stringIn(json, 'u');
      const isBanned = user !== undefined && room?.membershipOf(user) === 'ban';
      return isBanned && k !== 'cu' ? [] : [{ ...json, o, k }];
    });
    const ended = session.ended_at;
    const isOver = ended !== null && from + BUCKET_MS <= ended - session.started_at;
    const length = ended === null ? null : ended - session.started_at;
    const body = JSON.stringify({ session: sessionId, started_at: session.started_at, length, bucket, ev });
    const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;
    return { body, etag, isOver, isSame: rows.every(({ for_members }) => for_members === 0) };
  }

  /** Without what was said to members before `member` was one. */
  async #shownTo(room: Room | undefined, member: string | undefined, rows: readonly MomentRow[]): Promise<MomentRow[]> {
    const { events, visibility } = this.#parts;
    const ids = rows.flatMap(({ for_members, entry_id }) => (for_members === 0 ? [] : [entry_id]));
    const isAsked = ids.length > 0 && room !== undefined && member !== undefined;
    const found = isAsked ? [...(await events.byIds(ids, room)).values()] : [];
    const seen = isAsked ? await visibility.filter(room, member, found) : [];
    const known = new Set(seen.map(({ eventId }) => eventId));
    return rows.filter(({ for_members, entry_id }) => for_members === 0 || known.has(entry_id));
  }

  #note(channel: Channel, event: StoredEvent, entry: Pick<Entry, 'kind' | 'fields' | 'eventId'>, forMembers: boolean) {
    const { session, status } = channel.state;
    if (entry.kind === 'ed' && entry.eventId !== undefined) return this.#edit(entry.eventId, entry.fields);
    if (status !== 'live' || session?.startedAt === undefined) return;
    if (this.#waiting.length >= this.#parts.limits.waiting) return;
    const now = this.#parts.clock.now();
    this.#waiting.push({
      ...{ session_id: session.id, offset_ms: Math.max(0, now - session.startedAt) },
      ...{ place: event.position, entry_id: event.eventId, channel_id: channel.live.channelId },
      ...{ kind: entry.kind, fields: entry.fields, said_at: now },
      user_id: event.stateKey === undefined ? event.sender : null,
      for_members: forMembers ? 1 : 0,
    });
  }
}

function edit(row: MomentRow, text: string): MomentRow {
  return { ...row, fields: JSON.stringify({ ...(JSON.parse(row.fields) as JsonObject), tx: text }) };
}
