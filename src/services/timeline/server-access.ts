/**
 * Which servers may ask about a room, or send to it. Every endpoint of the server-server API that is about a room asks
 * here first.
 * Source: https://spec.matrix.org/v1.19/server-server-api/#server-access-control-lists-acls
 */
import { forbidden, notFound } from '../../protocol/errors.ts';
import { serverAclAllows } from '../../protocol/visibility/server-acl.ts';
import type { Room } from './room.ts';
import type { RoomCache } from './room-cache.ts';

/** Whether the room's `m.room.server_acl` lets the server take part. To be asked for each PDU and EDU of a room. */
export function aclAllows(room: Room, serverName: string): boolean {
  return serverAclAllows(room.get('m.room.server_acl', '')?.content, serverName);
}

/** Whether a user of the server is joined to the room. */
export function isServerIn(room: Room, serverName: string): boolean {
  return room.joinedServers.has(serverName);
}

/** Lets other servers at rooms. */
export class ServerAccess {
  private readonly rooms: RoomCache;
  private readonly serverName: string;

  /** @param serverName of this server */
  constructor(rooms: RoomCache, serverName: string) {
    this.rooms = rooms;
    this.serverName = serverName;
  }

  /**
   * A room that this server is in, for a server that need not be: it may want to join, knock or leave.
   * @throws M_NOT_FOUND if this server is not in the room, or does not know yet who else is; M_FORBIDDEN if the room's
   *   server ACL shuts the other one out
   */
  async residentRoom(serverName: string, roomId: string): Promise<Room> {
    const room = await this.rooms.get(roomId);
    if (!room || !isServerIn(room, this.serverName)) throw notFound('This server is not in the room');
    if (!aclAllows(room, serverName)) throw shutOut();
    demandWhole(room);
    return room;
  }

  /**
   * A room that the other server is in, for whoever reads it.
   * @throws M_FORBIDDEN if it is not, or the room's server ACL shuts it out. Of rooms that there are not at all it
   *   learns no more.
   */
  async sharedRoom(serverName: string, roomId: string): Promise<Room> {
    const room = await this.rooms.get(roomId);
    if (!room || !isServerIn(room, serverName)) throw forbidden('Your server is not in the room');
    if (!aclAllows(room, serverName)) throw shutOut();
    return room;
  }

  /** The same, or undefined if the other server may not read it. */
  async ifShared(serverName: string, roomId: string): Promise<Room | undefined> {
    const room = await this.rooms.get(roomId);
    return room && isServerIn(room, serverName) && aclAllows(room, serverName) ? room : undefined;
  }
}

/** @throws M_NOT_FOUND if not all of the room's state is here: other servers have it */
export function demandWhole(room: Room): void {
  if (room.partial) throw notFound('This server does not know all of the state of the room yet');
}

function shutOut() {
  return forbidden('Your server is not allowed to take part in this room');
}
