import { invalidParam } from '../../../protocol/errors.ts';
import type { Pdu } from '../../../protocol/events/pdu.ts';
import type { RoomVersionRules } from '../../../protocol/room-versions/rules.ts';
import { EventKind } from '../../../storage/contract/events.ts';
import type { RoomRow } from '../../../storage/contract/rooms.ts';
import type { Storage } from '../../../storage/contract/storage.ts';
import { ConflictError, WriteSet } from '../../../storage/contract/write-set.ts';
import type { Clock } from '../../../util/clock.ts';
import type { NoticeBoard } from '../../events.ts';

/** A membership of a local user in a room that this server is not in. */
export interface OutsideMembership {
  readonly roomId: string;
  readonly rules: RoomVersionRules;
  readonly userId: string;
  readonly membership: 'invite' | 'knock' | 'leave' | 'ban';
  /** The event that says so. */
  readonly event: { readonly eventId: string; readonly pdu: Pdu; readonly json: string };
  /** For invites and knocks: stripped state events, as a JSON array. */
  readonly strippedState: string | undefined;
}

export interface OutsideMembershipsParts {
  readonly storage: Storage;
  readonly notices: NoticeBoard;
  readonly clock: Clock;
}

const RETRIES = 3;

/**
 * Keeps what local users have to do with rooms that this server is not in: invites and knocks, and how these ended. Of
 * such a room there is a row without state, so that {@link RoomCache} knows no room; the event is an outlier.
 */
export class OutsideMemberships {
  private readonly parts: OutsideMembershipsParts;

  constructor(parts: OutsideMembershipsParts) {
    this.parts = parts;
  }

  /**
   * Stores the membership in place of the one before. If it is that already, nothing changes.
   * @throws M_INVALID_PARAM if the event has the id of one of another room, which servers can choose in old versions
   */
  async put(membership: OutsideMembership): Promise<void> {
    for (let attempt = 0; ; attempt++) {
      const set = await this.writes(membership);
      if (!set) return;
      try {
        await this.parts.storage.commit(set);
        return;
      } catch (error) {
        // Somebody else has made the row of the room or of the event meanwhile.
        if (!(error instanceof ConflictError) || attempt >= RETRIES) throw error;
      }
    }
  }

  private async writes({ roomId, rules, userId, membership, event, strippedState }: OutsideMembership) {
    const { storage, notices } = this.parts;
    const { row, known, present } = await storage.read(async (tx) => {
      const room = await tx.rooms.byId(roomId);
      return {
        row: room,
        known: await tx.events.byId(event.eventId),
        present: room && (await tx.rooms.membership(userId, room.room_nid)),
      };
    });
    if (known && known.room_nid !== row?.room_nid) {
      throw invalidParam('The id of the event is that of an event of another room');
    }
    if (known && present?.event_nid === known.event_nid) return undefined;
    const set = new WriteSet();
    const roomNid = row?.room_nid ?? this.addRoom(set, roomId, rules).room_nid;
    const eventNid = known?.event_nid ?? this.addOutlier(set, roomNid, event);
    const position = set.nextPosition();
    set.add('memberships.put', {
      ...{ user_id: userId, room_nid: roomNid, membership, event_nid: eventNid, position, forgotten: 0 },
      stripped_state: strippedState ?? null,
    });
    return set.onCommitted((committed) => {
      const at = committed.position(position);
      notices.publish('membership', {
        ...{ roomId, roomNid, userId, membership, eventNid, strippedState },
        position: at,
      });
    });
  }

  private addRoom(set: WriteSet, roomId: string, rules: RoomVersionRules): RoomRow {
    const { storage, clock } = this.parts;
    const row = {
      room_nid: storage.nextNid('room'),
      room_id: roomId,
      version: rules.version,
      is_public: 0,
      created_at: clock.now(),
    };
    set.add('rooms.insert', row);
    return row;
  }

  private addOutlier(set: WriteSet, roomNid: number, { eventId, pdu, json }: OutsideMembership['event']): number {
    const nid = this.parts.storage.nextNid('event');
    set.add('events.insert', {
      event_nid: nid,
      event_id: eventId,
      room_nid: roomNid,
      type: pdu.type,
      state_key: pdu.state_key ?? null,
      sender: pdu.sender,
      origin_server_ts: pdu.origin_server_ts,
      depth: pdu.depth,
      kind: EventKind.outlier,
      stream_position: null,
      chunk: 0,
      chunk_index: null,
      state_layer: null,
      state_before: null,
      thread_root: null,
      notify: 0,
      notify_main: 0,
      unsigned: null,
      json,
    });
    return nid;
  }
}
