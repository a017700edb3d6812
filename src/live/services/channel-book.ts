/** The channels of this server: made, found, listed. In memory all of them, in the database for good. */
import { forbidden, invalidParam, MatrixError, notFound, roomInUse } from '../../protocol/errors.ts';
import { historyVisibilityIn, stringIn } from '../../protocol/events/content-readers.ts';
import { isJsonObject, type JsonObject } from '../../protocol/json.ts';
import type { NoticeBoard } from '../../services/events.ts';
import type { Membership } from '../../services/membership/membership.ts';
import type { RoomCreation } from '../../services/rooms/room-creation.ts';
import type { RoomCache } from '../../services/timeline/room-cache.ts';
import type { Storage } from '../../storage/contract/storage.ts';
import { ConflictError, WriteSet } from '../../storage/contract/write-set.ts';
import type { Clock } from '../../util/clock.ts';
import type { Random } from '../../util/random.ts';
import { type ChannelState, LIVE_EVENT, markerOfClosed, parseChannelState } from '../rules/channel-state.ts';
import { recipeOf } from '../rules/recipe.ts';
import type { ChannelRow } from '../store/channel-store.ts';
import { liveArea } from '../store/live-area.ts';
import type { LiveRoom, LiveRoomList } from './live-rooms.ts';
import { VISIBILITY_EVENT } from './may-watch.ts';

export interface ChannelBookParts {
  readonly storage: Storage;
  readonly clock: Clock;
  readonly random: Random;
  readonly notices: NoticeBoard;
  readonly list: LiveRoomList;
  readonly roomCreation: Pick<RoomCreation, 'create'>;
  readonly membership: Pick<Membership, 'join' | 'invite' | 'roomIdOf'>;
  readonly rooms: Pick<RoomCache, 'get'>;
  readonly serviceUser: string;
  readonly settings: {
    readonly serverName: string;
    readonly policyKey: string | undefined;
    readonly retentionMs: number;
    readonly creators: 'everyone' | 'admins';
    readonly perUser: number;
  };
  onFault(error: unknown): void;
}

export interface NewChannel {
  /** What the channel goes by; undefined: it gets a name that nobody chose. */
  readonly handle?: string | undefined;
  readonly name: string;
  readonly title?: string | undefined;
  readonly moderators?: readonly string[] | undefined;
  readonly vips?: readonly string[] | undefined;
  /** Who may watch; anybody, unless told otherwise. */
  readonly viewers?: 'anyone' | 'members' | undefined;
}

export interface Channel {
  readonly live: LiveRoom;
  readonly name: string;
  readonly createdAt: number;
  /** What the marker of the room says. */
  readonly content: JsonObject;
  readonly state: ChannelState;
  /** Whether the world may not read its room. */
  readonly isPrivate: boolean;
}

/** Whether only members may watch. */
export function isForMembersOnly({ state, isPrivate }: Channel): boolean {
  return isPrivate || state.viewers === 'members';
}

const HANDLE = /^[a-z0-9][a-z0-9_-]{1,31}$/;

export class ChannelBook {
  readonly #parts: ChannelBookParts;
  readonly #channels = new Map<string, Channel>();
  /** Channels that are being made, by streamer. */
  readonly #underWay = new Map<string, number>();

  constructor(parts: ChannelBookParts) {
    this.#parts = parts;
    parts.notices.on('currentState', ({ roomId, type, stateKey, after }) => {
      const live = stateKey === '' ? parts.list.byRoom(roomId) : undefined;
      if (!live || !after) return;
      if (type === LIVE_EVENT) this.#changed(live, after.content);
      else if (type === VISIBILITY_EVENT) this.#changed(live, undefined, isClosedBy(after.content));
    });
  }

  /** Reads the channels that there are. */
  async start(): Promise<void> {
    await this.#parts.storage.readArea(liveArea, async (store) => {
      const states = new Map((await store.states()).map((row) => [row.channel_id, row]));
      for (const row of await store.channels()) {
        const state = states.get(row.channel_id);
        this.#keep(row, JSON.parse(state?.content ?? '{}') as JsonObject, state?.is_private === 1);
      }
      for (const { room_id, channel_id } of await store.oldRooms()) this.#parts.list.addOld(room_id, channel_id);
    });
  }

  /** @throws M_NOT_FOUND */
  get(channelId: string): Channel {
    const channel = this.#channels.get(channelId);
    if (!channel) throw notFound('There is no such channel');
    return channel;
  }

  find(channelId: string): Channel | undefined {
    return this.#channels.get(channelId);
  }

  /** The sessions of a channel, newest first, as members or others are told of them. */
  async sessions(
    { channelId }: LiveRoom,
    { before, limit, isMember }: { before: number; limit: number; isMember: boolean },
  ): Promise<JsonObject[]> {
    const rows = await this.#parts.storage.readArea(liveArea, (store) => store.sessions(channelId, before, limit));
    const told = isMember ? rows : rows.filter(({ for_members }) => for_members === 0);
    return told.map(({ session_id: id, title, started_at, ended_at }) => ({ id, title, started_at, ended_at }));
  }

  get size(): number {
    return this.#channels.size;
  }

  all(): IterableIterator<Channel> {
    return this.#channels.values();
  }

  /**
   * Makes a channel and its room, which the streamer joins.
   * @throws M_FORBIDDEN, M_INVALID_PARAM, M_ROOM_IN_USE
   */
  async create(by: { readonly userId: string; readonly isAdmin: boolean }, wanted: NewChannel): Promise<Channel> {
    const { settings, random } = this.#parts;
    if (settings.creators === 'admins' && !by.isAdmin) throw forbidden('Only administrators make channels here');
    const { handle } = wanted;
    if (handle !== undefined && !HANDLE.test(handle)) {
      throw invalidParam('handle: two to 32 of the characters a-z, 0-9, _ and -, the first a letter or digit');
    }
    if (handle !== undefined && this.#channels.has(handle)) throw roomInUse('The handle is taken');
    const streamer = by.userId;
    const own = [...this.#channels.values()].filter(({ live }) => live.streamer === streamer).length;
    const underWay = this.#underWay.get(streamer) ?? 0;
    if (!by.isAdmin && own + underWay >= settings.perUser) throw forbidden('You have as many channels as you may');
    this.#underWay.set(streamer, underWay + 1);
    try {
      return await this.#make(streamer, handle ?? `ch_${random.token(10)}`, wanted);
    } finally {
      const left = (this.#underWay.get(streamer) ?? 1) - 1;
      if (left === 0) this.#underWay.delete(streamer);
      else this.#underWay.set(streamer, left);
    }
  }

  async #make(streamer: string, channelId: string, wanted: NewChannel): Promise<Channel> {
    const { storage, clock, membership } = this.#parts;
    const { name } = wanted;
    const roomId = await this.newRoom(streamer, channelId, wanted).catch(async (error: unknown) => {
      const isTaken = error instanceof MatrixError && error.errcode === 'M_ROOM_IN_USE';
      const left = isTaken ? await this.#roomLeftBehind(streamer, channelId) : undefined;
      if (left === undefined) throw error;
      return left;
    });
    const row = { channel_id: channelId, streamer, name, room_id: roomId, created_at: clock.now() };
    try {
      await storage.commit(new WriteSet().add('live.channels.insert', row));
    } catch (error) {
      if (error instanceof ConflictError) throw roomInUse('The handle is taken');
      throw error;
    }
    const isPrivate = wanted.viewers === 'members';
    const content = { status: 'offline', title: wanted.title ?? name };
    const channel = this.#keep(row, isPrivate ? markerOfClosed(content) : content, isPrivate);
    this.#changed(channel.live, channel.content);
    if (isPrivate) await this.#invite(roomId, [streamer, ...(wanted.moderators ?? []), ...(wanted.vips ?? [])]);
    await membership.join({ userId: streamer, isGuest: false }, roomId, {});
    return this.get(channelId);
  }

  /** A room that was made for this channel when the server ended before the channel was there: it takes the handle. */
  async #roomLeftBehind(streamer: string, channelId: string): Promise<string | undefined> {
    const { membership, rooms, list, serviceUser, settings } = this.#parts;
    const roomId = await membership.roomIdOf(`#${channelId}:${settings.serverName}`);
    const marker = (await rooms.get(roomId))?.get(LIVE_EVENT, '');
    const named = marker?.content['channel'];
    const isOurs = marker?.sender === serviceUser && list.channelOfOld(roomId) === undefined;
    const isMeant = isJsonObject(named) && named['id'] === channelId && named['creator'] === streamer;
    return isOurs && isMeant && list.byRoom(roomId) === undefined ? roomId : undefined;
  }

  /** Asks those in who belong to a channel for members. Who cannot be asked now can be by any client later. */
  async #invite(roomId: string, users: readonly string[]): Promise<void> {
    const { membership, serviceUser } = this.#parts;
    for (const userId of new Set(users)) {
      await membership.invite(serviceUser, roomId, userId).catch((error: unknown) => {
        if (!(error instanceof MatrixError)) throw error;
      });
    }
  }

  /** Makes a room for a channel by the recipe, and answers its id. */
  newRoom(streamer: string, channelId: string, wanted: NewChannel): Promise<string> {
    const { serviceUser, roomCreation, settings } = this.#parts;
    const recipe = recipeOf({
      ...{ channelId, streamer, name: wanted.name, title: wanted.title ?? wanted.name },
      ...{ serverName: settings.serverName, policyKey: settings.policyKey, retentionMs: settings.retentionMs },
      ...{ moderators: wanted.moderators ?? [], vips: wanted.vips ?? [], isForMembers: wanted.viewers === 'members' },
    });
    const alias = wanted.handle === undefined ? {} : { room_alias_name: wanted.handle };
    // The server itself makes it, whose rooms are not encrypted by themselves.
    return roomCreation.create({ userId: serviceUser, isAdmin: true, isServer: true }, { ...recipe, ...alias });
  }

  /** Moves a channel on to another room of it. */
  async move(channelId: string, roomId: string): Promise<Channel> {
    const { storage, clock, list } = this.#parts;
    const { live, name, createdAt, content, isPrivate } = this.get(channelId);
    const set = new WriteSet();
    set.add('live.channels.move', { channel_id: channelId, from_room: live.roomId, room_id: roomId });
    set.add('live.oldRooms.insert', { room_id: live.roomId, channel_id: channelId, left_at: clock.now() });
    await storage.commit(set);
    list.remove(live);
    list.addOld(live.roomId, channelId);
    const row = { channel_id: channelId, streamer: live.streamer, name, room_id: roomId, created_at: createdAt };
    return this.#keep(row, content, isPrivate);
  }

  #keep(row: ChannelRow, content: JsonObject, isPrivate: boolean): Channel {
    const { channel_id: channelId, room_id: roomId, streamer } = row;
    const live = { channelId, roomId, streamer };
    const state = parseChannelState(content);
    const channel = { live, name: row.name, createdAt: row.created_at, content, state, isPrivate };
    this.#channels.set(channelId, channel);
    this.#parts.list.add(live);
    return channel;
  }

  /** Notes what the marker of a room says now, the session that begins or ends with it, and whether the world may read it. */
  #changed(live: LiveRoom, content?: JsonObject, isPrivate?: boolean): void {
    const known = this.#channels.get(live.channelId);
    if (!known || known.live.roomId !== live.roomId) return;
    const now = { content: content ?? known.content, isPrivate: isPrivate ?? known.isPrivate };
    const set = this.#rowsOf(known, now);
    this.#channels.set(live.channelId, { ...known, ...now, state: parseChannelState(now.content) });
    this.#parts.storage.commit(set).catch(this.#parts.onFault);
  }

  #rowsOf(
    { live, state: before, content: told }: Channel,
    { content, isPrivate }: Pick<Channel, 'content' | 'isPrivate'>,
  ) {
    const now = this.#parts.clock.now();
    const { channelId: channel_id, roomId: room_id } = live;
    const set = new WriteSet();
    const state = parseChannelState(content);
    const forMembers = (viewers: string) => (isPrivate || viewers === 'members' ? 1 : 0);
    const row = { channel_id, status: state.status, is_private: isPrivate ? 1 : 0, changed_at: now };
    set.add('live.states.put', { ...row, content: JSON.stringify(content) });
    const sessions = [
      // One that another takes the place of is over.
      ...(before.status === 'live' && before.session?.id !== state.session?.id ? [{ ...before, content: told }] : []),
      // What is told of a session that is over changes nothing of it.
      ...(state.status === 'live' || before.status === 'live' ? [{ ...state, content }] : []),
    ];
    for (const { session, viewers, content: of } of sessions) {
      if (session?.startedAt === undefined) continue;
      const isOn = state.status === 'live' && session.id === state.session?.id;
      const ended_at = isOn ? null : (session.endedAt ?? now);
      const about = { channel_id, session_id: session.id, room_id, title: stringIn(of, 'title') ?? '' };
      const times = { started_at: session.startedAt, ended_at };
      set.add('live.sessions.put', { ...about, ...times, for_members: forMembers(viewers) });
    }
    return set;
  }
}

function isClosedBy(visibility: JsonObject): boolean {
  return historyVisibilityIn(visibility) !== 'world_readable';
}
