/**
 * The private rooms of moderators, for channels that want one: those who are appointed are invited, those who moderate no
 * longer are sent out, and what moderators do by any client is written there.
 */
import { MatrixError } from '../../protocol/errors.ts';
import type { JsonObject } from '../../protocol/json.ts';
import type { NoticeBoard } from '../../services/events.ts';
import type { Membership } from '../../services/membership/membership.ts';
import type { RoomCreation } from '../../services/rooms/room-creation.ts';
import type { Room } from '../../services/timeline/room.ts';
import type { RoomCache } from '../../services/timeline/room-cache.ts';
import type { Timeline } from '../../services/timeline/timeline.ts';
import type { Storage } from '../../storage/contract/storage.ts';
import { WriteSet } from '../../storage/contract/write-set.ts';
import type { Clock } from '../../util/clock.ts';
import { moderatorsIn, modLogMessage, modRoomRecipe } from '../rules/mod-room.ts';
import { liveArea } from '../store/live-area.ts';
import type { ModLogRow } from '../store/live-store.ts';
import type { Channel } from './channel-book.ts';
import { requireStreamer } from './channel-powers.ts';
import type { LiveRoom, LiveRooms } from './live-rooms.ts';
import { logEntryJson, type ModLog } from './mod-log.ts';

export interface ModRoomsParts {
  readonly storage: Storage;
  readonly notices: NoticeBoard;
  readonly clock: Clock;
  readonly rooms: Pick<RoomCache, 'get'>;
  readonly roomCreation: Pick<RoomCreation, 'create'>;
  readonly membership: Pick<Membership, 'set' | 'join'>;
  readonly timeline: Pick<Timeline, 'send'>;
  readonly liveRooms: Pick<LiveRooms, 'byRoom' | 'byChannel'>;
  readonly log: Pick<ModLog, 'entry'>;
  readonly serviceUser: string;
  /** What may wait to be done in a room. */
  readonly maxWaiting: number;
  onFault(error: unknown): void;
}

/** Who is there already, or was banned there by the streamer, is not invited. */
const WITHIN: ReadonlySet<string> = new Set(['join', 'invite', 'ban']);

interface Queue {
  waiting: number;
  last: Promise<void>;
}

export class ModRooms {
  readonly #parts: ModRoomsParts;
  /** By channel. */
  readonly #rooms = new Map<string, string>();
  /** Who moderates a channel, as far as its room has followed: by channel. */
  readonly #followed = new Map<string, ReadonlySet<string>>();
  readonly #opening = new Map<string, Promise<string>>();
  /** By room: what is done there is done in order. */
  readonly #queues = new Map<string, Queue>();

  constructor(parts: ModRoomsParts) {
    this.#parts = parts;
    const { notices, liveRooms } = parts;
    notices.on('currentState', ({ roomId, type, stateKey, before, after }) => {
      const live = liveRooms.byRoom(roomId);
      const modRoom = live && this.#rooms.get(live.channelId);
      if (!live || modRoom === undefined) return;
      const isBan = type === 'm.room.member' && (before?.membership === 'ban') !== (after?.membership === 'ban');
      if ((type === 'm.room.power_levels' && stateKey === '') || isBan) this.#do(modRoom, () => this.#follow(live));
      if (isBan && after?.membership === 'ban') this.#do(modRoom, () => this.#sendOut(modRoom, live, stateKey));
    });
  }

  /** Reads which there are, and has them follow what they had not when the server ended. */
  async start(): Promise<void> {
    const rows = await this.#parts.storage.readArea(liveArea, (store) => store.modRooms());
    for (const { channel_id, room_id, moderators } of rows) {
      this.#rooms.set(channel_id, room_id);
      this.#followed.set(channel_id, new Set(JSON.parse(moderators) as string[]));
      const live = this.#parts.liveRooms.byChannel(channel_id);
      if (live) this.#do(room_id, () => this.#follow(live));
    }
  }

  /**
   * Makes the room, invites the moderators and has whoever asks join. Where there is one, those who are missing are
   * invited. Answers its id. @throws M_FORBIDDEN
   */
  async open(by: string, channel: Channel): Promise<string> {
    const { channelId } = channel.live;
    const { room } = await requireStreamer(this.#parts.rooms, by, channel.live);
    const opening = this.#rooms.get(channelId) ?? this.#opening.get(channelId) ?? this.#make(by, channel);
    const roomId = await opening;
    // Whoever has left or is to be sent out is looked at anew, and so is the streamer.
    for (const userId of new Set([by, ...moderatorsOf(room)])) this.#do(roomId, () => this.#invite(roomId, userId));
    this.#do(roomId, () => this.#follow(channel.live));
    await this.settled(roomId);
    await this.#parts.membership.join({ userId: by, isGuest: false }, roomId, {});
    return roomId;
  }

  /** Nothing is written into the room any more; it stays to those who are in it. @throws M_FORBIDDEN */
  async close(by: string, live: LiveRoom): Promise<void> {
    const { rooms, log, storage } = this.#parts;
    await requireStreamer(rooms, by, live);
    const set = log.entry(by, live, 'mod_room.close', undefined, {});
    set.add('live.modRooms.remove', { channel_id: live.channelId });
    set.onCommitted(() => this.#rooms.delete(live.channelId));
    await storage.commit(set);
  }

  /** Writes down what somebody did, where the channel has a room for that. */
  tell(live: LiveRoom, row: ModLogRow): void {
    const roomId = this.#rooms.get(live.channelId);
    if (roomId === undefined) return;
    const content = modLogMessage(live.channelId, logEntryJson(row));
    this.#do(roomId, () => this.#send(roomId, content));
  }

  /** Resolves when what waits for a room, or for all of them, is done. */
  async settled(roomId?: string): Promise<void> {
    await Promise.all(
      [...this.#queues].flatMap(([id, { last }]) => (roomId === undefined || id === roomId ? [last] : [])),
    );
  }

  #make(by: string, channel: Channel): Promise<string> {
    const { channelId } = channel.live;
    const making = this.#create(by, channel).finally(() => this.#opening.delete(channelId));
    this.#opening.set(channelId, making);
    return making;
  }

  async #create(by: string, { live, name }: Channel): Promise<string> {
    const { roomCreation, storage, clock, log, serviceUser: userId } = this.#parts;
    const recipe = modRoomRecipe(name, live.streamer);
    // The server itself makes it: it writes there, and so the room is not encrypted.
    const room_id = await roomCreation.create({ userId, isAdmin: true, isServer: true }, recipe);
    const { channelId: channel_id } = live;
    const set = log.entry(by, live, 'mod_room.open', undefined, { room_id });
    set.add('live.modRooms.insert', { channel_id, room_id, by_user: by, created_at: clock.now(), moderators: '[]' });
    set.onCommitted(() => {
      this.#rooms.set(channel_id, room_id);
      this.#followed.set(channel_id, new Set());
    });
    await storage.commit(set);
    return room_id;
  }

  /**
   * Asks those in who moderate by now and sends out those who do no longer. What has been done is kept, so that a start
   * goes on with what had not been; whom the streamer has invited, or who has left by itself, is left alone.
   */
  async #follow(live: LiveRoom): Promise<void> {
    const { rooms, storage } = this.#parts;
    const { channelId: channel_id } = live;
    const modRoom = this.#rooms.get(channel_id);
    const room = modRoom === undefined ? undefined : await rooms.get(live.roomId);
    if (modRoom === undefined || !room) return;
    const [had, has] = [this.#followed.get(channel_id) ?? new Set<string>(), moderatorsOf(room)];
    const [come, gone] = [[...has].filter((id) => !had.has(id)), [...had].filter((id) => !has.has(id))];
    if (come.length + gone.length === 0) return;
    for (const userId of come) await this.#invite(modRoom, userId).catch(unlessRefused);
    for (const userId of gone) await this.#sendOut(modRoom, live, userId).catch(unlessRefused);
    const moderators = JSON.stringify([...has]);
    const set = new WriteSet().add('live.modRooms.follow', { channel_id, moderators });
    await storage.commit(set.onCommitted(() => this.#followed.set(channel_id, has)));
  }

  async #invite(roomId: string, userId: string): Promise<void> {
    const membership = (await this.#parts.rooms.get(roomId))?.membershipOf(userId);
    if (userId === this.#parts.serviceUser || WITHIN.has(membership ?? '')) return;
    await this.#set(roomId, userId, { membership: 'invite' });
  }

  async #sendOut(roomId: string, { streamer }: LiveRoom, userId: string): Promise<void> {
    const membership = (await this.#parts.rooms.get(roomId))?.membershipOf(userId);
    if (userId === streamer || (membership !== 'join' && membership !== 'invite')) return;
    await this.#set(roomId, userId, { membership: 'leave', reason: 'You do not moderate the channel any more' });
  }

  async #set(roomId: string, userId: string, content: JsonObject): Promise<void> {
    const { membership, serviceUser } = this.#parts;
    await membership.set({ userId: serviceUser, isGuest: false }, roomId, userId, content);
  }

  async #send(roomId: string, content: JsonObject): Promise<void> {
    const { timeline, serviceUser: sender } = this.#parts;
    await timeline.send(roomId, { type: 'm.room.message', sender, content }, { isAdmitted: true });
  }

  #do(roomId: string, act: () => Promise<void>): void {
    const { maxWaiting, onFault } = this.#parts;
    const queue = this.#queues.get(roomId) ?? { waiting: 0, last: Promise.resolve() };
    if (queue.waiting >= maxWaiting) {
      onFault(new Error(`too much waits for the room ${roomId} of moderators`));
      return;
    }
    this.#queues.set(roomId, queue);
    queue.waiting += 1;
    queue.last = queue.last
      .then(act)
      .catch(onFault)
      .finally(() => {
        queue.waiting -= 1;
        if (queue.waiting === 0) this.#queues.delete(roomId);
      });
  }
}

/** Who moderates a channel: by its levels, and not banned from it. */
function moderatorsOf(room: Room): ReadonlySet<string> {
  const moderators = moderatorsIn(room.get('m.room.power_levels', '')?.content);
  return new Set([...moderators].filter((userId) => room.membershipOf(userId) !== 'ban'));
}

/** Who wants no invites, or is of a server that is away, is not asked again and again. */
function unlessRefused(error: unknown): void {
  if (!(error instanceof MatrixError)) throw error;
}
