import { powerLevels } from '../../protocol/authorization/power-levels.ts';
import { exclusive, forbidden, invalidParam, MatrixError, notFound } from '../../protocol/errors.ts';
import { historyVisibilityIn } from '../../protocol/events/content-readers.ts';
import { serverOf } from '../../protocol/identifiers/parts.ts';
import type { JsonObject } from '../../protocol/json.ts';
import type { Storage } from '../../storage/contract/storage.ts';
import { ConflictError, WriteSet } from '../../storage/contract/write-set.ts';
import type { Clock } from '../../util/clock.ts';
import type { Room } from '../timeline/room.ts';
import type { RoomCache } from '../timeline/room-cache.ts';
import type { Timeline } from '../timeline/timeline.ts';
import type { RemoteAliases } from './remote-aliases.ts';

/** Who asks. */
export interface AliasRequester {
  readonly userId: string;
  readonly isAdmin: boolean;
  readonly appserviceId?: string;
}

export interface RoomAliasesParts {
  readonly storage: Storage;
  readonly rooms: RoomCache;
  readonly timeline: Timeline;
  readonly clock: Clock;
  readonly serverName: string;
  readonly remote: RemoteAliases;
  /** The application service that has an alias for itself, if any. */
  readonly exclusiveOwner: (alias: string) => string | undefined;
  /** Asks whoever makes rooms when their aliases are asked for. Answers whether there may be one now. */
  readonly makesAlias: (alias: string) => Promise<boolean>;
}

/**
 * The addresses of rooms that end in this server's name.
 * Source: https://spec.matrix.org/v1.19/client-server-api/#room-aliases
 */
export class RoomAliases {
  private readonly parts: RoomAliasesParts;

  constructor(parts: RoomAliasesParts) {
    this.parts = parts;
  }

  /** The id of the room that an alias stands for. */
  async resolve(alias: string): Promise<string | undefined> {
    if (serverOf(alias) !== this.parts.serverName) return undefined;
    return (await this.parts.storage.read((tx) => tx.directory.alias(alias)))?.room_id;
  }

  /** The same, of aliases of other servers too, with the servers through which the room can be joined. @throws M_NOT_FOUND */
  async find(alias: string): Promise<{ room_id: string; servers: string[] }> {
    return serverOf(alias) === this.parts.serverName ? this.findOwn(alias) : this.parts.remote.find(alias);
  }

  /** The same, of aliases of this server only. @throws M_NOT_FOUND */
  async findOwn(alias: string): Promise<{ room_id: string; servers: string[] }> {
    const known = await this.resolve(alias);
    const isMade = known === undefined && (await this.parts.makesAlias(alias));
    const roomId = isMade ? await this.resolve(alias) : known;
    if (roomId === undefined) throw notFound(`There is no room with the alias ${alias}`);
    const room = await this.parts.rooms.get(roomId);
    const others = new Set(room?.joinedServers.keys());
    others.delete(this.parts.serverName);
    return { room_id: roomId, servers: [this.parts.serverName, ...others] };
  }

  /** @throws M_EXCLUSIVE; M_INVALID_PARAM for an alias of another server */
  async checkMayCreate(requester: AliasRequester, alias: string): Promise<void> {
    if (serverOf(alias) !== this.parts.serverName) {
      throw invalidParam(`Aliases of rooms end in :${this.parts.serverName} here`);
    }
    const owner = this.parts.exclusiveOwner(alias);
    if (owner !== undefined && owner !== requester.appserviceId) {
      throw exclusive('This alias is reserved for an application service');
    }
  }

  /** Adds the alias to the write set that makes its room; if it is taken, the set is a conflict. */
  addTo(set: WriteSet, alias: string, roomNid: number, creator: string): void {
    set.add('room_aliases.insert', { alias, room_nid: roomNid, creator, created_at: this.parts.clock.now() });
  }

  /** @throws M_FORBIDDEN outside the room; M_UNKNOWN 409 if it is taken; what {@link checkMayCreate} throws */
  async create(requester: AliasRequester, alias: string, roomId: string): Promise<void> {
    await this.checkMayCreate(requester, alias);
    const room = await this.parts.rooms.get(roomId);
    if (!room) throw notFound('There is no such room');
    if (!room.isJoined(requester.userId) && !requester.isAdmin) throw forbidden('You are not in this room');
    const taken = () => new MatrixError('M_UNKNOWN', `The alias ${alias} exists already`, { status: 409 });
    if ((await this.resolve(alias)) !== undefined) throw taken();
    const set = new WriteSet();
    this.addTo(set, alias, room.nid, requester.userId);
    try {
      await this.parts.storage.commit(set);
    } catch (error) {
      throw error instanceof ConflictError ? taken() : error;
    }
  }

  /**
   * Deletes an alias: whoever made it may, and those who may change the room's canonical alias, and administrators. It
   * leaves the room's canonical alias event, too, where the user may change that.
   * @throws M_NOT_FOUND, M_FORBIDDEN, M_EXCLUSIVE
   */
  async delete(requester: AliasRequester, alias: string): Promise<void> {
    const row =
      serverOf(alias) === this.parts.serverName
        ? await this.parts.storage.read((tx) => tx.directory.alias(alias))
        : undefined;
    if (!row) throw notFound(`There is no room with the alias ${alias}`);
    await this.checkMayCreate(requester, alias);
    const room = await this.parts.rooms.get(row.room_id);
    const mayChange = room !== undefined && mayChangeAliases(room, requester.userId);
    if (row.creator !== requester.userId && !requester.isAdmin && !mayChange) {
      throw forbidden('Only who made the alias or may change the addresses of the room can delete it');
    }
    try {
      await this.parts.storage.commit(new WriteSet().add('room_aliases.delete', { alias }));
    } catch (error) {
      throw error instanceof ConflictError ? notFound(`There is no room with the alias ${alias}`) : error;
    }
    if (mayChange) await this.leaveCanonical(requester.userId, room, alias);
  }

  /** Aliases of a room, for those in it and, where its history is open to the world, for everybody. */
  async ofRoom(requester: AliasRequester, roomId: string): Promise<string[]> {
    const room = await this.parts.rooms.get(roomId);
    const isOpen = historyVisibilityIn(room?.stateEvent('m.room.history_visibility', '')?.content) === 'world_readable';
    if (!room || !(room.isJoined(requester.userId) || requester.isAdmin || isOpen)) {
      throw forbidden('You are not in this room');
    }
    const rows = await this.parts.storage.read((tx) => tx.directory.aliasesOf(room.nid));
    return rows.map((row) => row.alias);
  }

  private async leaveCanonical(userId: string, room: Room, alias: string): Promise<void> {
    const content = room.stateEvent('m.room.canonical_alias', '')?.content;
    const without = content && withoutAlias(content, alias);
    if (!without) return;
    await this.parts.timeline.send(room.id, {
      type: 'm.room.canonical_alias',
      sender: userId,
      stateKey: '',
      content: without,
    });
  }
}

function mayChangeAliases(room: Room, userId: string): boolean {
  const levels = powerLevels(room.rules, room);
  return room.isJoined(userId) && levels.userLevel(userId) >= levels.eventLevel('m.room.canonical_alias', true);
}

/** The content without the alias; undefined if it was not in there. */
function withoutAlias(content: JsonObject, alias: string): JsonObject | undefined {
  const alternatives = Array.isArray(content['alt_aliases']) ? content['alt_aliases'] : [];
  if (content['alias'] !== alias && !alternatives.includes(alias)) return undefined;
  const without: JsonObject = {};
  if (typeof content['alias'] === 'string' && content['alias'] !== alias) without['alias'] = content['alias'];
  const rest = alternatives.filter((other) => other !== alias);
  if (rest.length > 0) without['alt_aliases'] = rest;
  return without;
}
