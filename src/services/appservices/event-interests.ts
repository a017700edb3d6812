import { membershipIn } from '../../protocol/events/content-readers.ts';
import type { PositionOffset, WriteSet } from '../../storage/contract/write-set.ts';
import type { NoticeBoard } from '../events.ts';
import type { EventOutlet } from '../timeline/event-writes.ts';
import type { Room } from '../timeline/room.ts';
import type { RoomCache } from '../timeline/room-cache.ts';
import type { StoredEvent } from '../timeline/stored-event.ts';
import type { Appservice, Appservices } from './appservices.ts';

/** Their users who are in a room, by the ids of application services. */
type Present = Map<string, Set<string>>;

/**
 * Stores with every event which application services are to be told of it: those that have its sender, the user it is
 * about, or some member, an alias or the id of its room in their namespaces.
 * Source: https://spec.matrix.org/v1.19/application-service-api/#pushing-events
 */
export class EventInterests implements EventOutlet {
  /** Called when something waits for an application service. */
  onWaiting: (appservice: Appservice) => void = () => undefined;
  private readonly told: readonly Appservice[];
  private readonly present = new WeakMap<Room, Present>();

  constructor(appservices: Appservices, rooms: RoomCache, notices: NoticeBoard) {
    this.told = [...appservices.all()].filter(({ url }) => url !== undefined);
    if (this.told.length === 0) return;
    notices.on('currentState', ({ roomId, type, stateKey, after }) => {
      const room = type === 'm.room.member' ? rooms.peek(roomId) : undefined;
      const present = room && this.present.get(room);
      if (present) this.note(present, stateKey, after?.membership);
    });
  }

  add(set: WriteSet, room: Room, event: StoredEvent, position: PositionOffset): void {
    for (const appservice of this.told) {
      if (!this.isInterested(appservice, room, event)) continue;
      set.add('appservice_events.insert', { appservice_id: appservice.id, position, event_nid: event.nid });
      set.onCommitted(() => this.onWaiting(appservice));
    }
  }

  private isInterested(appservice: Appservice, room: Room, event: StoredEvent): boolean {
    const { type, stateKey, sender } = event;
    const target = type === 'm.room.member' ? stateKey : undefined;
    if (target !== undefined && this.isOf(appservice, target)) {
      // What is decided next may come before this is committed.
      if (membershipIn(event.content) === 'join') this.presentIn(room).get(appservice.id)?.add(target);
      return true;
    }
    return this.isOf(appservice, sender) || this.isInterestedIn(appservice, room);
  }

  /** Whether all that happens in the room concerns the application service. */
  isInterestedIn(appservice: Appservice, room: Room): boolean {
    const { rooms, aliases } = appservice.namespaces;
    if (rooms.some(({ regex }) => regex.test(room.id))) return true;
    if (this.presentIn(room).get(appservice.id)!.size > 0) return true;
    return aliases.length > 0 && aliasesOf(room).some((alias) => aliases.some(({ regex }) => regex.test(alias)));
  }

  private presentIn(room: Room): Present {
    const known = this.present.get(room);
    if (known) return known;
    const present: Present = new Map(this.told.map(({ id }) => [id, new Set()]));
    for (const userId of room.joinedMembers()) this.note(present, userId, 'join');
    this.present.set(room, present);
    return present;
  }

  private note(present: Present, userId: string, membership: string | undefined): void {
    for (const appservice of this.told) {
      if (!this.isOf(appservice, userId)) continue;
      if (membership === 'join') present.get(appservice.id)!.add(userId);
      else present.get(appservice.id)!.delete(userId);
    }
  }

  private isOf({ sender, namespaces }: Appservice, userId: string): boolean {
    return userId === sender || namespaces.users.some(({ regex }) => regex.test(userId));
  }
}

function aliasesOf(room: Room): string[] {
  const content = room.get('m.room.canonical_alias', '')?.content ?? {};
  const others = Array.isArray(content['alt_aliases']) ? content['alt_aliases'] : [];
  return [content['alias'], ...others].filter((alias) => typeof alias === 'string');
}
