import { ResolutionThread } from '../../src/homeserver/resolution-thread.ts';
import { stateMapKeyOf } from '../../src/protocol/state-resolution/state-map.ts';
import { EventCache } from '../../src/services/timeline/event-cache.ts';
import { LayerCache, type LayerStack } from '../../src/services/timeline/layer-cache.ts';
import { resolveStates } from '../../src/services/timeline/resolve-states.ts';
import type { Room } from '../../src/services/timeline/room.ts';
import { RoomCache } from '../../src/services/timeline/room-cache.ts';
import { RoomEvents } from '../../src/services/timeline/room-events.ts';
import { packEntries } from '../../src/services/timeline/state-layers.ts';
import { EventKind } from '../../src/storage/contract/events.ts';
import type { Storage } from '../../src/storage/contract/storage.ts';
import { WriteSet } from '../../src/storage/contract/write-set.ts';
import { engine, type TestEngine } from './engines.ts';
import type { ForkedRoom } from './forked-room.ts';
import { TestClock } from './test-clock.ts';
import { openTestStorage, storageOptions } from './test-storage.ts';

const ROOM_ID = '!event0';
const BATCH = 2_000;

/** A forked room in a database, and the thread that resolves what its branches do not agree on. */
export class StoredForkedRoom {
  private constructor(
    private readonly database: TestEngine,
    private readonly storage: Storage,
    private readonly thread: ResolutionThread,
    private readonly events: EventCache,
    private readonly layers: LayerCache,
    readonly room: Room,
    private readonly stored: StoredState,
  ) {}

  static async write(forked: ForkedRoom, inlineEvents = 500): Promise<StoredForkedRoom> {
    const database = await engine();
    const options = storageOptions(database);
    const storage = await openTestStorage(database);
    const stored = await store(storage, forked);
    const events = new EventCache(storage, { bytes: 50_000_000 });
    const room = await new RoomCache(storage, events, { bytes: 50_000_000, recentEvents: 20 }).get(ROOM_ID);
    const { lockTimeout } = options;
    const thread = new ResolutionThread({ database: options.database, lockTimeout }, new TestClock(), {
      ...{ inlineEvents, waiting: 10 },
    });
    const layers = new LayerCache(storage, { entries: 1_000_000 });
    return new StoredForkedRoom(database, storage, thread, events, layers, room!, stored);
  }

  /** What the branches resolve to, as events by the numbers of their keys, beside the state of the first branch. */
  async resolve(): Promise<ReadonlyMap<number, number>> {
    const set = new WriteSet();
    const stacks: LayerStack[] = [];
    for (const top of this.stored.tops) stacks.push(await this.layers.stack(top));
    const events = new RoomEvents(this.events, this.room);
    const { changes } = await resolveStates(this.thread, set, this.room, events, stacks);
    if (set.mutations.length > 0) await this.storage.commit(set);
    return changes;
  }

  /** The same by state entries and ids; undefined where the entry is emptied. */
  async resolveByName(): Promise<Map<string, string | undefined>> {
    const { keys, ids } = this.stored;
    return new Map([...(await this.resolve())].map(([key, nid]) => [keys.get(key)!, ids.get(nid)]));
  }

  async remove(): Promise<void> {
    await this.thread.close();
    await this.storage.close();
    await this.database.drop();
  }
}

interface StoredState {
  /** The layers of the states at the ends of the branches. */
  readonly tops: readonly number[];
  /** State entries by the numbers of their keys. */
  readonly keys: ReadonlyMap<number, string>;
  /** Ids of events by their numbers. */
  readonly ids: ReadonlyMap<number, string>;
}

async function store(storage: Storage, { rules, events, stateSets }: ForkedRoom): Promise<StoredState> {
  const room_nid = storage.nextNid('room');
  const row = { room_nid, room_id: ROOM_ID, version: rules.version, is_public: 0, created_at: 0 };
  let set = new WriteSet().add('rooms.insert', row);
  const flush = async () => {
    await storage.commit(set);
    set = new WriteSet();
  };
  const keys = new Map<string, number>();
  const nids = new Map<string, { nid: number; key: number }>();
  for (const { eventId, pdu } of events.values()) {
    const { type, state_key: stateKey = '', sender, origin_server_ts, depth } = pdu;
    const name = stateMapKeyOf(pdu);
    const key = keys.get(name) ?? keys.size + 1;
    if (!keys.has(name)) set.add('state_keys.insert', { room_nid, key_nid: key, type, state_key: stateKey });
    keys.set(name, key);
    const nid = storage.nextNid('event');
    nids.set(eventId, { nid, key });
    set.add('events.insert', {
      ...{ event_nid: nid, event_id: eventId, room_nid, type, state_key: stateKey, sender, origin_server_ts, depth },
      ...{ kind: EventKind.outlier, stream_position: null, chunk: 0, chunk_index: null, state_layer: null },
      ...{ state_before: null, thread_root: null, notify: 0, notify_main: 0, unsigned: null },
      json: JSON.stringify(pdu),
    });
    if (set.mutations.length >= BATCH) await flush();
  }
  const tops = stateSets.map((state) => {
    const entries = new Map([...state.values()].map((id) => [nids.get(id)!.key, nids.get(id)!.nid]));
    const layer_nid = storage.nextNid('layer');
    const diff = packEntries(entries);
    set.add('state_layers.insert', { layer_nid, room_nid, parent: null, depth: 1, size: entries.size, diff });
    return layer_nid;
  });
  for (const id of stateSets[0]!.values()) {
    const { nid: event_nid, key: key_nid } = nids.get(id)!;
    set.add('current_state.put', { room_nid, key_nid, event_nid });
  }
  await flush();
  const names = new Map([...keys].map(([name, key]) => [key, name]));
  return { tops, keys: names, ids: new Map([...nids].map(([id, { nid }]) => [nid, id])) };
}
