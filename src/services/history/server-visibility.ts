import { notFound } from '../../protocol/errors.ts';
import { historyVisibilityIn, membershipIn } from '../../protocol/events/content-readers.ts';
import { serverOf } from '../../protocol/identifiers/parts.ts';
import { mayServerSee } from '../../protocol/visibility/history-visibility.ts';
import { EventKind } from '../../storage/contract/events.ts';
import type { Room } from '../timeline/room.ts';
import type { StoredEvent } from '../timeline/stored-event.ts';
import type { ErasedEvents } from './erased-events.ts';
import type { PastStates } from './past-states.ts';
import type { StateHistories } from './state-histories.ts';

const VISIBILITY = 'm.room.history_visibility';
const MEMBER = 'm.room.member';

/**
 * Which events of the past a server in the room may have: those that one of its users may see.
 * Source: https://spec.matrix.org/v1.19/client-server-api/#room-history-visibility
 */
export class ServerVisibility {
  private readonly histories: StateHistories;
  private readonly past: PastStates;
  private readonly erased: ErasedEvents;

  constructor(histories: StateHistories, past: PastStates, erased: ErasedEvents) {
    this.histories = histories;
    this.past = past;
    this.erased = erased;
  }

  /** Those of `events`, all of one room, that the server may see. @throws M_NOT_FOUND if that cannot be said yet */
  async filter(room: Room, serverName: string, events: readonly StoredEvent[]): Promise<ReadonlySet<StoredEvent>> {
    const hidden = await this.erased.hiddenFrom(room, serverName, events);
    const isOpen = (await this.histories.of(room, VISIBILITY, '')).every(isOpenToMembers);
    // Whoever is taken for a stranger gets events without their content, and would keep them so.
    if (room.partial && !isOpen) throw notFound('It is not known yet who may see the events of the room');
    const seen = new Set<StoredEvent>();
    let members: readonly number[] | undefined;
    for (const event of events) {
      if (hidden.has(event)) continue;
      // What was never part of the timeline here may have been sent under a visibility that was never current here.
      const isPlain = isOpen && (event.position > 0 || event.kind === EventKind.outlier);
      members ??= isPlain ? undefined : memberKeys(room, serverName);
      if (isPlain || (await this.sees(room, serverName, event, members ?? []))) seen.add(event);
    }
    return seen;
  }

  private async sees(
    room: Room,
    serverName: string,
    event: StoredEvent,
    memberKeyNids: readonly number[],
  ): Promise<boolean> {
    const layer = event.stateBefore;
    // Before the first state there is nothing that hides; where the state is not known, everything might.
    if (layer === undefined) return event.type === 'm.room.create';
    const visibility = historyVisibilityIn((await this.past.one(room, layer, VISIBILITY, ''))?.content);
    const facts = { visibility, ...visibilityAfter(event), memberships: [] };
    if (mayServerSee(facts)) return true;
    const members = await this.past.some(room, layer, memberKeyNids);
    if (event.type === MEMBER && serverOf(event.stateKey ?? '') === serverName) members.push(event);
    const memberships = members.map((member) => membershipIn(member.content)).filter((m) => m !== undefined);
    return mayServerSee({ ...facts, memberships });
  }
}

function isOpenToMembers(event: StoredEvent): boolean {
  const visibility = historyVisibilityIn(event.content);
  return visibility === 'shared' || visibility === 'world_readable';
}

function visibilityAfter(event: StoredEvent) {
  const isChange = event.type === VISIBILITY && event.stateKey === '';
  return isChange ? { visibilityAfter: historyVisibilityIn(event.content) } : {};
}

/** The numbers under which the memberships of a server's users are in states of the room. */
function memberKeys(room: Room, serverName: string): number[] {
  const keys: number[] = [];
  for (const { stateKey } of room.stateEventsOfType(MEMBER)) {
    const keyNid = serverOf(stateKey!) === serverName ? room.keyNid(MEMBER, stateKey!) : undefined;
    if (keyNid !== undefined) keys.push(keyNid);
  }
  return keys;
}
