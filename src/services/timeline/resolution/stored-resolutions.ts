import type { Pdu } from '../../../protocol/events/pdu.ts';
import { roomVersion } from '../../../protocol/room-versions/index.ts';
import type { IndexedChainCover } from '../../../protocol/state-resolution/indexed-chain-cover.ts';
import { stateMapKey, stateMapKeyOf } from '../../../protocol/state-resolution/state-map.ts';
import { EventKind, type EventRow } from '../../../storage/contract/events.ts';
import type { Conflict, ConflictChains, EventSource, NumberedEvent } from './conflict.ts';
import type { ResolutionReply, ResolutionRequest } from './large-resolutions.ts';
import { resolveConflict } from './resolve-conflict.ts';
import { type ReadStorage, RoomCover } from './room-cover.ts';

/** Events read at once. */
const BATCH = 1_000;
/** Power levels events that are read beforehand: each is found by the one after it, which takes as many rounds. */
const MOST_LEVELS = 5_000;

/** Resolves a conflict from what is stored. Reads much and writes nothing: it has a thread for itself. */
export async function resolveStored(read: ReadStorage, request: ResolutionRequest): Promise<ResolutionReply> {
  const rules = roomVersion(request.room.version);
  if (!rules) throw new Error(`room ${request.room.id} has the unknown version ${request.room.version}`);
  const keys = await keyNumbers(read, request);
  const agreed = new Map<number, number>();
  for (let i = 0; i < request.agreed.length; i += 2) agreed.set(request.agreed[i]!, request.agreed[i + 1]!);
  const stateSets = request.stateSets.map((nids) => [...nids]);
  const agreedOn = (type: string, stateKey: string) => {
    const key = keys.get(stateMapKey(type, stateKey));
    return key === undefined ? undefined : agreed.get(key);
  };
  const events = new StoredEvents(read, request);
  const conflict: Conflict = { rules, stateSets, agreedOn, events };
  const room = await RoomCover.load(read, request.room.nid);
  const chains = rules.stateResolution === 'v1' ? NO_CHAINS : await coveredChains(room, request, agreed, events);
  const winners = await resolveConflict(conflict, chains);
  const resolved: number[] = [];
  const unnumbered: { nid: number; type: string; stateKey: string }[] = [];
  for (const { nid, pdu } of winners) {
    const key = keys.get(stateMapKeyOf(pdu));
    if (key === undefined) unnumbered.push({ nid, type: pdu.type, stateKey: pdu.state_key ?? '' });
    else resolved.push(key, nid);
  }
  return { resolved: Float64Array.from(resolved), unnumbered, cover: room.takeGrown() };
}

async function keyNumbers(read: ReadStorage, { room, keys }: ResolutionRequest): Promise<Map<string, number>> {
  const numbers = new Map<string, number>();
  const stored = await read((tx) => tx.rooms.stateKeys(room.nid));
  for (const { type, state_key, key_nid } of [...stored, ...keys]) numbers.set(stateMapKey(type, state_key), key_nid);
  return numbers;
}

/** State resolution v1 looks at no auth chains. */
const NO_CHAINS: ConflictChains = {
  authDifference: () => Promise.resolve([]),
  conflictedStateSubgraph: () => Promise.resolve([]),
};

async function coveredChains(
  room: RoomCover,
  request: ResolutionRequest,
  agreed: ReadonlyMap<number, number>,
  events: StoredEvents,
): Promise<ConflictChains> {
  await room.catchUp();
  const own = new Set(request.events.map(({ nid }) => nid));
  for (const nids of [agreed.values(), ...request.stateSets])
    await room.include([...nids].filter((nid) => !own.has(nid)));
  const cover = await room.with(request.events);
  await readLevels(cover, events);
  const nidsOf = (of: readonly NumberedEvent[]) => of.map(({ nid }) => nid);
  const read = async (nids: readonly number[]) => (await events.withNids(nids)).values();
  return {
    authDifference: (stateSets) => read(cover.authDifference(stateSets.map(nidsOf), agreed.values())),
    conflictedStateSubgraph: (conflicted) => read(cover.conflictedStateSubgraph(nidsOf(conflicted))),
  };
}

async function readLevels(cover: IndexedChainCover<number>, events: StoredEvents): Promise<void> {
  const levels = cover.eventsOf(stateMapKey('m.room.power_levels', ''));
  await events.withNids(levels.slice(-MOST_LEVELS));
}

/** The events of a room, each read and parsed once. */
class StoredEvents implements EventSource {
  private readonly read: ReadStorage;
  private readonly roomNid: number;
  private readonly byNid = new Map<number, NumberedEvent>();
  private readonly byId = new Map<string, NumberedEvent>();

  constructor(read: ReadStorage, { room, events }: ResolutionRequest) {
    this.read = read;
    this.roomNid = room.nid;
    for (const { nid, eventId, json, rejected } of events) {
      this.put({ nid, eventId, rejected, pdu: JSON.parse(json) as Pdu });
    }
  }

  async withNids(nids: Iterable<number>): Promise<Map<number, NumberedEvent>> {
    const wanted = [...new Set(nids)];
    const missing = wanted.filter((nid) => !this.byNid.has(nid));
    for (let at = 0; at < missing.length; at += BATCH) {
      this.take(await this.read((tx) => tx.events.byNids(missing.slice(at, at + BATCH))));
    }
    return new Map(
      wanted.map((nid) => {
        const event = this.byNid.get(nid);
        if (!event) throw new Error(`event number ${nid} is not stored`);
        return [nid, event];
      }),
    );
  }

  async withIds(eventIds: Iterable<string>): Promise<Map<string, NumberedEvent>> {
    const wanted = [...new Set(eventIds)];
    const missing = wanted.filter((id) => !this.byId.has(id));
    for (let at = 0; at < missing.length; at += BATCH) {
      this.take(await this.read((tx) => tx.events.byIds(missing.slice(at, at + BATCH))));
    }
    const found = new Map<string, NumberedEvent>();
    for (const id of wanted) {
      const event = this.byId.get(id);
      if (event) found.set(id, event);
    }
    return found;
  }

  private take(rows: readonly EventRow[]): void {
    for (const row of rows) {
      if (row.room_nid !== this.roomNid) continue;
      const rejected = row.kind === EventKind.rejected;
      this.put({ nid: row.event_nid, eventId: row.event_id, rejected, pdu: JSON.parse(row.json) as Pdu });
    }
  }

  private put(event: NumberedEvent): void {
    this.byNid.set(event.nid, event);
    this.byId.set(event.eventId, event);
  }
}
