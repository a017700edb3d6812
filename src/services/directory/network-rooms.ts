import { invalidParam, notFound } from '../../protocol/errors.ts';
import type { Storage } from '../../storage/contract/storage.ts';
import { WriteSet } from '../../storage/contract/write-set.ts';
import type { RoomCache } from '../timeline/room-cache.ts';
import { instanceIdOf, MAX_INSTANCE_ID } from './network-instance.ts';

/**
 * The rooms that application services publish as those of a network, beside the rooms that people publish.
 * Source: https://spec.matrix.org/v1.19/application-service-api/#published-room-directory
 */
export class NetworkRooms {
  private readonly storage: Storage;
  private readonly rooms: RoomCache;

  constructor(storage: Storage, rooms: RoomCache) {
    this.storage = storage;
    this.rooms = rooms;
  }

  /**
   * Publishes a room in the list of a network, or no longer.
   * @throws M_NOT_FOUND if the room is not known here; M_INVALID_PARAM for the id of a network that is too long
   */
  async setPublished(appserviceId: string, networkId: string, roomId: string, isPublished: boolean): Promise<void> {
    const instance_id = instanceIdOf(appserviceId, networkId);
    if (instance_id.length > MAX_INSTANCE_ID) throw invalidParam('The id of the network is too long');
    const room = await this.rooms.get(roomId);
    if (!room) throw notFound('There is no such room');
    const row = { instance_id, room_nid: room.nid };
    const set = new WriteSet();
    if (isPublished) set.add('network_rooms.put', row);
    else set.add('network_rooms.delete', row);
    await this.storage.commit(set);
  }
}
