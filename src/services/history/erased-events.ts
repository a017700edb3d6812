import { membershipIn } from '../../protocol/events/content-readers.ts';
import type { Storage } from '../../storage/contract/storage.ts';
import type { ErasedUsers } from '../accounts/erased-users.ts';
import { erasedCopy } from '../timeline/redaction.ts';
import type { Room } from '../timeline/room.ts';
import type { StoredEvent } from '../timeline/stored-event.ts';
import type { StateHistories } from './state-histories.ts';

const MEMBER = 'm.room.member';

/**
 * What erased users have sent: who came into the room before they were erased sees it, everybody else sees redacted copies.
 * Source: https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3accountdeactivate
 */
export class ErasedEvents {
  private readonly storage: Storage;
  private readonly users: ErasedUsers;
  private readonly histories: StateHistories;

  constructor(storage: Storage, users: ErasedUsers, histories: StateHistories) {
    this.storage = storage;
    this.users = users;
    this.histories = histories;
  }

  /** The events as a user may see them, in the same order. All are of one room. */
  async shownTo(room: Room, userId: string, events: readonly StoredEvent[]): Promise<readonly StoredEvent[]> {
    const erased = await this.erasable(events);
    if (erased.size === 0) return events;
    const since = firstJoin(await this.histories.of(room, MEMBER, userId));
    return events.map((event) => (isHidden(event, erased, since) ? erasedCopy(event, room) : event));
  }

  /** Those of the events that a server may not have as they are. */
  async hiddenFrom(room: Room, serverName: string, events: readonly StoredEvent[]): Promise<ReadonlySet<StoredEvent>> {
    const erased = await this.erasable(events);
    if (erased.size === 0) return new Set();
    const row = await this.storage.read((tx) => tx.outbox.serverSince(room.nid, serverName));
    return new Set(events.filter((event) => isHidden(event, erased, row?.since)));
  }

  private erasable(events: readonly StoredEvent[]): Promise<ReadonlyMap<string, number>> {
    return this.users.among(events.filter(isErasable).map((event) => event.sender));
  }
}

/** State stays as it is, for a room needs it; what users say of themselves in it does not. */
function isErasable(event: StoredEvent): boolean {
  return event.stateKey === undefined || (event.type === MEMBER && event.stateKey === event.sender);
}

/** @param since position at which whoever looks came into the room; undefined if never */
function isHidden(event: StoredEvent, erased: ReadonlyMap<string, number>, since: number | undefined): boolean {
  const position = isErasable(event) ? erased.get(event.sender) : undefined;
  return position !== undefined && (since === undefined || since > position);
}

function firstJoin(memberships: readonly StoredEvent[]): number | undefined {
  const joins = memberships.filter((event) => membershipIn(event.content) === 'join').map(({ position }) => position);
  return joins.length === 0 ? undefined : Math.min(...joins);
}
