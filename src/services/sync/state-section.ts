import type { Room } from '../timeline/room.ts';
import type { StoredEvent } from '../timeline/stored-event.ts';
import type { SyncSources } from './sources.ts';

const keyOf = (type: string, stateKey: string) => `${type}\0${stateKey}`;

/**
 * The state of a room right after stream position `at`: the current state with every later change undone. What is later
 * is mostly nothing, or the few state events of the timeline that is being sent.
 * @param members of whom memberships are wanted; everybody's if undefined
 */
export async function stateAt(
  sources: Pick<SyncSources, 'storage' | 'events'>,
  room: Room,
  at: number,
  members: ReadonlySet<string> | undefined,
): Promise<StoredEvent[]> {
  const present = [...presentState(room, members)];
  if (room.stateChangedAt <= at) return present;
  const deltas = await sources.storage.read((tx) => tx.rooms.stateDeltas(room.nid, at, Number.MAX_SAFE_INTEGER));
  const firsts = new Map<string, number | null>();
  for (const delta of deltas) {
    // What came when the state became whole had been there before, unknown.
    if (delta.position === room.fullAt && delta.old_event_nid === null) continue;
    if (members && delta.type === 'm.room.member' && !members.has(delta.state_key)) continue;
    const key = keyOf(delta.type, delta.state_key);
    if (!firsts.has(key)) firsts.set(key, delta.old_event_nid);
  }
  const old = await sources.events.byNids(
    [...firsts.values()].filter((nid) => nid !== null),
    room,
  );
  const unchanged = present.filter((event) => !firsts.has(keyOf(event.type, event.stateKey!)));
  return [...unchanged, ...old.values()];
}

function* presentState(room: Room, members: ReadonlySet<string> | undefined): IterableIterator<StoredEvent> {
  if (!members) {
    yield* room.stateEvents();
    return;
  }
  yield* room.stateEventsButMembers();
  for (const userId of members) {
    const member = room.get('m.room.member', userId);
    if (member) yield member;
  }
}

/** The changes of state with `after` < position ≤ `upTo`: for each key that changed, what it is at `upTo`. */
export async function stateChanges(
  sources: Pick<SyncSources, 'storage' | 'events'>,
  room: Room,
  after: number,
  upTo: number,
): Promise<StoredEvent[]> {
  if (upTo <= after || room.stateChangedAt <= after) return [];
  const deltas = await sources.storage.read((tx) => tx.rooms.stateDeltas(room.nid, after, upTo));
  const last = new Map<string, number>();
  for (const delta of deltas) {
    const key = keyOf(delta.type, delta.state_key);
    if (delta.new_event_nid === null) last.delete(key);
    else last.set(key, delta.new_event_nid);
  }
  const found = await sources.events.byNids([...last.values()], room);
  return [...last.values()].map((nid) => found.get(nid)).filter((event) => event !== undefined);
}
