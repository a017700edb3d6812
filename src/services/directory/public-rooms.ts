import { powerLevels } from '../../protocol/authorization/power-levels.ts';
import { forbidden, invalidParam, notFound } from '../../protocol/errors.ts';
import type { PublicRoomList } from '../../storage/contract/rooms.ts';
import type { Storage } from '../../storage/contract/storage.ts';
import { WriteSet } from '../../storage/contract/write-set.ts';
import type { RoomCache } from '../timeline/room-cache.ts';
import type { RemotePublicRooms } from './remote-public-rooms.ts';
import type { RoomSummaries } from './room-summaries.ts';
import type { RoomSummary } from './room-summary.ts';

export interface PublicRoomsQuery {
  readonly limit?: number | undefined;
  readonly since?: string | undefined;
  /** Of another server, perhaps. */
  readonly server?: string | undefined;
  readonly searchTerm?: string | undefined;
  /** `null` stands for rooms without a type. */
  readonly roomTypes?: readonly (string | null)[] | undefined;
  /** The rooms of this network instead of those that people publish. */
  readonly instanceId?: string | undefined;
  /** Those of all networks, and those that people publish. */
  readonly ofAllNetworks?: boolean | undefined;
}

export interface PublicRoomsPage {
  readonly chunk: readonly RoomSummary[];
  readonly next_batch?: string;
  readonly prev_batch?: string;
  readonly total_room_count_estimate: number;
}

export interface PublicRoomsParts {
  readonly storage: Storage;
  readonly rooms: RoomCache;
  readonly summaries: RoomSummaries;
  readonly remote: RemotePublicRooms;
  readonly settings: {
    readonly serverName: string;
    readonly publishToDirectory: 'everyone' | 'admins' | 'nobody';
    readonly pageMax: number;
    /** Whether other servers are told. */
    readonly listToServers: boolean;
  };
}

const DEFAULT_LIMIT = 100;
const TOKEN = /^([nb])(\d{1,15})_(!.+)$/;

/** A place in the list: after (`n`) or before (`b`) a room with so many members. */
interface Place {
  readonly direction: 'n' | 'b';
  readonly joined: number;
  readonly roomId: string;
}

/**
 * The rooms that this server publishes, the largest first.
 * Source: https://spec.matrix.org/v1.19/client-server-api/#published-room-directory
 */
export class PublicRooms {
  private readonly parts: PublicRoomsParts;

  constructor(parts: PublicRoomsParts) {
    this.parts = parts;
  }

  /** @throws M_INVALID_PARAM for a token of elsewhere, M_UNKNOWN for servers that cannot be reached */
  async list(query: PublicRoomsQuery): Promise<PublicRoomsPage> {
    const { settings, remote } = this.parts;
    const { server = '', limit = DEFAULT_LIMIT } = query;
    if (server === '' || server === settings.serverName) return this.ownRooms(query, limit);
    return remote.list(server, query, Math.max(1, Math.min(limit, settings.pageMax)));
  }

  /** For another server, which may leave the length of a page to this one by the limit 0. */
  async listForServer(query: PublicRoomsQuery): Promise<PublicRoomsPage> {
    if (!this.parts.settings.listToServers) throw forbidden('This server does not tell others of its rooms');
    return this.ownRooms(query, query.limit || this.parts.settings.pageMax);
  }

  private async ownRooms(query: PublicRoomsQuery, wanted: number): Promise<PublicRoomsPage> {
    const { settings, storage, summaries } = this.parts;
    const place = query.since === undefined || query.since === '' ? undefined : placeOf(query.since);
    const limit = Math.min(wanted, settings.pageMax);
    const rows = await storage.read((tx) => tx.rooms.publicRooms(listOf(query)));
    const all = await summaries.ofAll(rows);
    const matching = all.filter((room) => room.num_joined_members > 0 && matches(room, query)).sort(largestFirst);
    const [from, to] = rangeOf(matching, place, limit);
    const chunk = matching.slice(from, to);
    return {
      chunk,
      ...(to < matching.length && chunk.length > 0 ? { next_batch: tokenOf('n', chunk.at(-1)!) } : {}),
      ...(from > 0 && chunk.length > 0 ? { prev_batch: tokenOf('b', chunk[0]!) } : {}),
      total_room_count_estimate: matching.length,
    };
  }

  /** @throws M_NOT_FOUND */
  async isPublished(roomId: string): Promise<boolean> {
    const row = await this.parts.storage.read((tx) => tx.rooms.byId(roomId));
    if (!row) throw notFound('There is no such room');
    return row.is_public === 1;
  }

  /**
   * Publishes a room, or no longer.
   * @throws M_NOT_FOUND; M_FORBIDDEN for those who may not change the address of the room
   */
  async setPublished(
    requester: { readonly userId: string; readonly isAdmin: boolean },
    roomId: string,
    isPublished: boolean,
  ): Promise<void> {
    const room = await this.parts.rooms.get(roomId);
    if (!room) throw notFound('There is no such room');
    if (!requester.isAdmin) {
      const { publishToDirectory } = this.parts.settings;
      if (isPublished && publishToDirectory !== 'everyone') throw forbidden('Rooms cannot be published by users here');
      const levels = powerLevels(room.rules, room);
      const mayChange = levels.userLevel(requester.userId) >= levels.eventLevel('m.room.canonical_alias', true);
      if (!room.isJoined(requester.userId) || !mayChange) {
        throw forbidden('Only those who may change the address of a room can publish it');
      }
    }
    const set = new WriteSet().add('rooms.setPublic', { room_nid: room.nid, is_public: isPublished ? 1 : 0 });
    set.onCommitted(() => {
      room.isPublic = isPublished;
    });
    await this.parts.storage.commit(set);
  }
}

function listOf({ instanceId, ofAllNetworks }: PublicRoomsQuery): PublicRoomList {
  if (ofAllNetworks) return 'all';
  return instanceId === undefined ? 'own' : { instance: instanceId };
}

function matches(room: RoomSummary, { searchTerm, roomTypes }: PublicRoomsQuery): boolean {
  if (roomTypes && !roomTypes.includes(room.room_type ?? null)) return false;
  const term = searchTerm?.trim().toLowerCase();
  if (term === undefined || term === '') return true;
  const { name, topic, canonical_alias: alias, room_id: id } = room;
  return id === searchTerm || [name, topic, alias].some((text) => text?.toLowerCase().includes(term));
}

function largestFirst(a: RoomSummary, b: RoomSummary): number {
  return compare(a, b.num_joined_members, b.room_id);
}

/** Negative if the room comes before a room with so many members and this id. */
function compare(room: RoomSummary, joined: number, roomId: string): number {
  if (room.num_joined_members !== joined) return joined - room.num_joined_members;
  return room.room_id < roomId ? -1 : room.room_id > roomId ? 1 : 0;
}

function rangeOf(rooms: readonly RoomSummary[], place: Place | undefined, limit: number): [number, number] {
  if (!place) return [0, limit];
  const { direction, joined, roomId } = place;
  const wanted = direction === 'n' ? 0 : -1;
  const first = rooms.findIndex((room) => compare(room, joined, roomId) > wanted);
  const at = first < 0 ? rooms.length : first;
  return direction === 'n' ? [at, at + limit] : [Math.max(0, at - limit), at];
}

function tokenOf(direction: 'n' | 'b', room: RoomSummary): string {
  return `${direction}${room.num_joined_members}_${room.room_id}`;
}

function placeOf(token: string): Place {
  const match = TOKEN.exec(token);
  if (!match) throw invalidParam('since is not a token of this server');
  return { direction: match[1] as 'n' | 'b', joined: Number(match[2]), roomId: match[3]! };
}
