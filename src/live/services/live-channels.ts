/**
 * The channels of the live rooms: opened when the first viewer or the first event comes, and fed from the log of the
 * server, in its order.
 */
import type { JsonObject } from '../../protocol/json.ts';
import type { NoticeBoard } from '../../services/events.ts';
import type { EventCache } from '../../services/timeline/event-cache.ts';
import type { Room } from '../../services/timeline/room.ts';
import type { RoomCache } from '../../services/timeline/room-cache.ts';
import type { StoredEvent } from '../../services/timeline/stored-event.ts';
import type { Clock } from '../../util/clock.ts';
import { Lru } from '../../util/lru.ts';
import type { ChannelWriter, Outcome } from '../hub/channel-writer.ts';
import type { Channels, OpenChannel } from '../hub/channels.ts';
import type { Entry } from '../hub/entry.ts';
import { LIVE_EVENT } from '../rules/channel-state.ts';
import { PIN_EVENT } from '../rules/recipe.ts';
import { parseSettings, SETTINGS_EVENT } from '../rules/settings.ts';
import { SHIELD_EVENT } from '../rules/shield.ts';
import { deletionEntry, entryOf } from './channel-entries.ts';
import type { Clearings } from './clearings.ts';
import type { LiveRoom, LiveRooms } from './live-rooms.ts';
import { isForMembers, recentForOthers, VISIBILITY_EVENT } from './may-watch.ts';

export interface LiveChannelsParts {
  readonly clock: Pick<Clock, 'now'>;
  readonly notices: NoticeBoard;
  readonly rooms: Pick<RoomCache, 'get' | 'peek'>;
  readonly events: Pick<EventCache, 'peek' | 'peekById'>;
  readonly liveRooms: LiveRooms;
  readonly channels: Channels;
  /** Has those who watch begin anew, for what they were told so far is not for everybody who comes. */
  readonly moveViewers?: (channelId: string) => Promise<void>;
  /** What was cleared from the screens of a channel. */
  readonly clearings: Pick<Clearings, 'of'>;
  /** The polls that are open. */
  polls?(live: LiveRoom): readonly JsonObject[];
  onFault(error: unknown): void;
}

interface Running {
  readonly live: LiveRoom;
  readonly room: Room;
  readonly channel: OpenChannel;
  readonly writer: ChannelWriter;
}

/** Messages whose senders may still ask what became of them. */
const MAX_OUTCOMES = 1000;

/** State that snapshots tell. */
const FACTS = [
  ['set', SETTINGS_EVENT],
  ['shield', SHIELD_EVENT],
  ['pin', PIN_EVENT],
  ['ses', LIVE_EVENT],
] as const;

export class LiveChannels {
  readonly #parts: LiveChannelsParts;
  readonly #opening = new Map<string, Promise<Running | undefined>>();
  readonly #running = new Map<string, Running>();
  /** When each was last asked for. */
  readonly #usedAt = new Map<string, number>();
  /** How many want a channel to stay open, watched here or not. */
  readonly #holds = new Map<string, number>();
  /** Who may watch the open channels. */
  readonly #watched = new Map<string, 'members' | 'others'>();
  /** What became of the last messages, for those who sent them. */
  readonly #outcomes = new Lru<string, Promise<Outcome>>({ max: MAX_OUTCOMES });

  constructor(parts: LiveChannelsParts) {
    this.#parts = parts;
    parts.notices.on('timeline', ({ roomId, eventNid }) => {
      const running = this.#running.get(roomId);
      const event = parts.events.peek(eventNid);
      if (!running || !event) return;
      if (this.#isOpened(running, event)) this.#beginAnew(running);
      else this.#tell(running, event);
    });
    parts.notices.on('redaction', ({ roomId, eventId }) => {
      // Messages of the room before are shown in the one that a channel has moved on to.
      const moved = parts.liveRooms.byChannel(parts.liveRooms.channelOfOld(roomId) ?? '')?.roomId;
      for (const id of [roomId, ...(moved === undefined ? [] : [moved])]) {
        const running = this.#running.get(id);
        if (running) this.#settle(running.writer.offer(deletionEntry(eventId)));
      }
    });
  }

  /** The channel of a live room; undefined if this server does not know the room. Rejects if the order is out of reach. */
  async open(live: LiveRoom): Promise<OpenChannel | undefined> {
    this.#usedAt.set(live.roomId, this.#parts.clock.now());
    let opening = this.#opening.get(live.roomId);
    if (!opening) {
      opening = this.#start(live);
      this.#opening.set(live.roomId, opening);
      opening.catch(() => this.#opening.delete(live.roomId));
    }
    return (await opening)?.channel;
  }

  /** Channels that are open. */
  get size(): number {
    return this.#running.size;
  }

  /** Those who watch a channel, in whatever process. */
  viewersOf({ roomId }: LiveRoom): number {
    return this.#running.get(roomId)?.channel.feed.viewers.inAll ?? 0;
  }

  /** Keeps a channel from being closed when nobody watches it here, until the answer is called. */
  hold({ roomId }: LiveRoom): () => void {
    this.#holds.set(roomId, (this.#holds.get(roomId) ?? 0) + 1);
    return () => {
      const left = (this.#holds.get(roomId) ?? 1) - 1;
      if (left > 0) this.#holds.set(roomId, left);
      else this.#holds.delete(roomId);
      this.#usedAt.set(roomId, this.#parts.clock.now());
    };
  }

  /** The channel, if it is open. */
  opened({ roomId }: LiveRoom): OpenChannel | undefined {
    return this.#running.get(roomId)?.channel;
  }

  /** Tells viewers what is no event of the room. Nobody is told where nobody watches. */
  tell({ roomId }: LiveRoom, entry: Entry): void {
    const running = this.#running.get(roomId);
    if (running) this.#settle(running.writer.offer(entry));
  }

  /** What became of a message that has just been sent: its number, or that viewers do not see it live. */
  async outcomeOf(eventId: string): Promise<Outcome | undefined> {
    return this.#outcomes.get(eventId);
  }

  /**
   * Shows the last messages of a room that a channel leaves, those behind a number, in the one that it goes on in.
   * Answers the number up to which that is done. Nothing is done where nobody watches.
   */
  async carry(from: LiveRoom, to: LiveRoom, behind = 0): Promise<number> {
    const old = this.#running.get(from.roomId);
    if (!old) return behind;
    await old.writer.flush();
    await this.open(to);
    const writer = this.#running.get(to.roomId)?.writer;
    const messages = old.channel.feed.latestBehind(behind);
    for (const { seq: _seq, at: _at, position: _position, ...entry } of messages) {
      if (writer) this.#settle(writer.offer(entry));
    }
    await writer?.flush();
    return messages.at(-1)?.seq ?? behind;
  }

  /**
   * Has a channel begin anew where it is for more people than before: there is no place in the order any more from which
   * they could go on, and nothing in it that was said to members. Whoever comes meanwhile waits for it.
   */
  #beginAnew({ live, writer }: Running): void {
    const { channels, moveViewers, onFault } = this.#parts;
    this.#forget(live.roomId);
    const begin = async () => {
      await writer.close();
      await channels.forget(live.roomId);
      return this.#start(live);
    };
    const opening = begin();
    this.#opening.set(live.roomId, opening);
    opening.catch(() => this.#opening.delete(live.roomId));
    const told = opening.then(async () => moveViewers?.(live.channelId));
    told.catch(onFault);
  }

  #forget(roomId: string): void {
    this.#running.delete(roomId);
    this.#opening.delete(roomId);
    this.#watched.delete(roomId);
  }

  /** Closes channels that nobody watches and nobody has asked for of late: their places are over then. */
  async closeIdle(idleMs: number): Promise<void> {
    const before = this.#parts.clock.now() - idleMs;
    for (const [roomId, { channel, writer }] of [...this.#running]) {
      if (channel.fanOut.viewers > 0 || this.#holds.has(roomId) || (this.#usedAt.get(roomId) ?? 0) > before) continue;
      this.#forget(roomId);
      this.#usedAt.delete(roomId);
      // Whoever comes while the writer ends gets a channel of its own.
      const closed = this.#parts.channels.close(roomId);
      await writer.close();
      await closed;
    }
  }

  async closeAll(): Promise<void> {
    const all = [...this.#running.values()];
    this.#running.clear();
    this.#opening.clear();
    await Promise.all(all.map(({ writer }) => writer.close()));
    await this.#parts.channels.closeAll();
  }

  async #start(live: LiveRoom): Promise<Running | undefined> {
    const { rooms, channels, clearings, polls } = this.#parts;
    const room = await rooms.get(live.roomId);
    if (!room) return undefined;
    const cleared = await clearings.of(live.channelId);
    const facts = {
      ...{
        id: live.channelId,
        room: live.roomId,
        facts: () => factsOf(rooms.peek(live.roomId) ?? room, polls?.(live) ?? []),
      },
      displayRate: () => parseSettings(rooms.peek(live.roomId)?.get(SETTINGS_EVENT, '')?.content).displayRate,
    };
    const channel = await channels.open(facts);
    const running = { live, room, channel, writer: await channels.openWriter(facts) };
    this.#running.set(live.roomId, running);
    this.#watched.set(room.id, isForMembers(room) ? 'members' : 'others');
    // What was said before belongs to the first snapshot. What comes meanwhile is told behind it.
    const { logPosition } = running.writer;
    const present = rooms.peek(live.roomId) ?? room;
    // What was said to members is not for whoever else comes now.
    for (const event of isForMembers(present) ? present.recent : recentForOthers(present)) {
      const isLeft = event.redactedBy === undefined && (event.stateKey !== undefined || !cleared.has(event));
      if (isLeft && event.position > logPosition) this.#tell(running, event);
    }
    await running.writer.flush();
    return running;
  }

  #tell({ live, room: opened, channel, writer }: Running, event: StoredEvent): void {
    const room = this.#parts.rooms.peek(live.roomId) ?? opened;
    const told = entryOf(event, room, live.streamer, (id) => this.#parts.events.peekById(id));
    if (!told) return;
    if (event.stateKey !== undefined) channel.feed.factsChanged();
    const { entry, rank } = told;
    const outcome = rank === undefined ? writer.offer(entry) : writer.offerMessage(entry, rank);
    this.#outcomes.set(event.eventId, outcome);
    this.#settle(outcome);
    if (rank === undefined) return;
    const tellModerators = async () => {
      if ((await outcome).outcome === 'skipped')
        channel.lane.publish('skipped', JSON.parse(entry.fields) as JsonObject);
    };
    this.#settle(tellModerators());
  }

  /** Whether the event opens to others what was said so far to members. */
  #isOpened({ room: opened }: Running, event: StoredEvent): boolean {
    if (event.stateKey !== '' || (event.type !== VISIBILITY_EVENT && event.type !== LIVE_EVENT)) return false;
    const before = this.#watched.get(opened.id) ?? 'others';
    const room = this.#parts.rooms.peek(opened.id) ?? opened;
    const now = isForMembers(room) ? 'members' : 'others';
    this.#watched.set(opened.id, now);
    return before === 'members' && now === 'others';
  }

  #settle(outcome: Promise<unknown>): void {
    outcome.catch((error: unknown) => this.#parts.onFault(error));
  }
}

function factsOf(room: Room, polls: readonly JsonObject[]): string {
  const state = FACTS.map(([key, type]) => `"${key}":${JSON.stringify(room.get(type, '')?.content ?? null)}`);
  return [...state, `"polls":${JSON.stringify(polls)}`].join();
}
