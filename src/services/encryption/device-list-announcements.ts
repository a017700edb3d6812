import type { Storage } from '../../storage/contract/storage.ts';
import { WriteSet } from '../../storage/contract/write-set.ts';
import type { Logger } from '../../util/logger.ts';
import type { NoticeBoard } from '../events.ts';
import type { RoomCache } from '../timeline/room-cache.ts';

export interface DeviceListAnnouncementsDependencies {
  readonly storage: Storage;
  readonly notices: NoticeBoard;
  readonly rooms: RoomCache;
  readonly logger: Logger;
  /** Of this server. */
  readonly serverName: string;
}

/**
 * Tells servers of the devices of a local user when they come to share a room. One that misses it, because this server
 * was killed at the wrong moment, finds the gap at the next change.
 * Source: https://spec.matrix.org/v1.19/server-server-api/#device-management
 */
export class DeviceListAnnouncements {
  private readonly d: DeviceListAnnouncementsDependencies;

  constructor(dependencies: DeviceListAnnouncementsDependencies) {
    this.d = dependencies;
    const { notices, rooms, logger } = dependencies;
    notices.on('membership', ({ userId, roomId, roomNid, membership }) => {
      if (membership !== 'join' || (rooms.peek(roomId)?.joinedServers.size ?? 0) < 2) return;
      this.announce(userId, roomNid).catch((error: unknown) => {
        logger.warn({ err: error }, 'servers of a room were not told of the devices of a new member');
      });
    });
  }

  private async announce(userId: string, roomNid: number): Promise<void> {
    const set = new WriteSet();
    const position = set.nextPosition();
    set.add('outgoing_edus.announce', { user_id: userId, room_nid: roomNid, position, own: this.d.serverName });
    set.onCommitted((committed) =>
      this.d.notices.publish('outgoingEdu', { position: committed.position(position), server: undefined }),
    );
    await this.d.storage.commit(set);
  }
}
