import { notFound } from '../../protocol/errors.ts';
import { EventKind } from '../../storage/contract/events.ts';
import type { Storage } from '../../storage/contract/storage.ts';
import type { ServerVisibility } from '../history/server-visibility.ts';
import type { AuthChains } from '../timeline/auth-chains.ts';
import type { EventCache } from '../timeline/event-cache.ts';
import type { ServerAccess } from '../timeline/server-access.ts';
import type { StoredEvent } from '../timeline/stored-event.ts';
import { shownPdus } from './shown-pdus.ts';

export interface SingleEventsParts {
  readonly storage: Storage;
  readonly events: EventCache;
  readonly access: ServerAccess;
  readonly visibility: ServerVisibility;
  readonly authChains: AuthChains;
}

/**
 * Single events, for other servers.
 * Source: https://spec.matrix.org/v1.19/server-server-api/#retrieving-events
 */
export class SingleEvents {
  private readonly parts: SingleEventsParts;

  constructor(parts: SingleEventsParts) {
    this.parts = parts;
  }

  /**
   * An event as JSON.
   * @throws M_NOT_FOUND, for events of rooms that the server is not in too: it learns nothing of them
   */
  async event(serverName: string, eventId: string): Promise<string> {
    const { access, visibility } = this.parts;
    const event = await this.find(eventId);
    if (!event) throw unknownEvent();
    const room = await access.ifShared(serverName, event.roomId);
    if (!room) throw unknownEvent();
    return (await shownPdus(visibility, room, serverName, [event]))[0]!;
  }

  /**
   * The auth chain of an event, as batches of JSON.
   * Source: https://spec.matrix.org/v1.19/server-server-api/#retrieving-event-authorization-information
   * @throws M_FORBIDDEN, M_NOT_FOUND
   */
  async authChain(serverName: string, roomId: string, eventId: string): Promise<AsyncIterable<string[]>> {
    const { access, events, authChains } = this.parts;
    const room = await access.sharedRoom(serverName, roomId);
    const event = await events.byId(eventId, room);
    if (!event || event.kind === EventKind.rejected) throw unknownEvent();
    return authChains.texts((await authChains.of(room, [event.pdu])).values());
  }

  private async find(eventId: string): Promise<StoredEvent | undefined> {
    const { storage, events } = this.parts;
    const known = events.peekById(eventId);
    if (known) return known.kind === EventKind.rejected ? undefined : known;
    return storage.read(async (tx) => {
      const row = await tx.events.byId(eventId);
      const room = row && (await tx.rooms.byNids([row.room_nid]))[0];
      return row && room && row.kind !== EventKind.rejected ? events.ofRow(row, room.room_id) : undefined;
    });
  }
}

function unknownEvent() {
  return notFound('There is no such event, or your server may not see it');
}
