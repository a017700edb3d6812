import { ResolutionThread } from '../../src/homeserver/resolution-thread.ts';
import type { Pdu } from '../../src/protocol/events/pdu.ts';
import { stateMapKey, stateMapKeyOf } from '../../src/protocol/state-resolution/state-map.ts';
import { NoticeBoard } from '../../src/services/events.ts';
import { decideEvent } from '../../src/services/timeline/decide-event.ts';
import { EventCache } from '../../src/services/timeline/event-cache.ts';
import { LayerCache, type LayerStack } from '../../src/services/timeline/layer-cache.ts';
import { resolveStates } from '../../src/services/timeline/resolve-states.ts';
import type { Room } from '../../src/services/timeline/room.ts';
import { RoomCache } from '../../src/services/timeline/room-cache.ts';
import { RoomEvents } from '../../src/services/timeline/room-events.ts';
import { RoomQueue } from '../../src/services/timeline/room-queue.ts';
import { packEntries } from '../../src/services/timeline/state-layers.ts';
import type { SignedEvent } from '../../src/services/timeline/stored-event.ts';
import { EventKind } from '../../src/storage/contract/events.ts';
import type { Storage } from '../../src/storage/contract/storage.ts';
import { WriteSet } from '../../src/storage/contract/write-set.ts';
import { migratedEngine, type TestEngine } from './engines.ts';
import { CREATOR, type ForkedRoom } from './forked-room.ts';
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
    private readonly rooms: RoomCache,
    readonly room: Room,
    private readonly stored: StoredState,
  ) {}

  static async write(forked: ForkedRoom, inlineEvents = 500): Promise<StoredForkedRoom> {
    const database = await migratedEngine();
    const options = storageOptions(database);
    const storage = await openTestStorage(database);
    const stored = await store(storage, forked);
    const events = new EventCache(storage, { bytes: 50_000_000 });
    const rooms = new RoomCache(storage, events, { bytes: 50_000_000, recentEvents: 20 });
    const room = await rooms.get(ROOM_ID);
    const { lockTimeout } = options;
    const thread = new ResolutionThread({ database: options.database, lockTimeout }, new TestClock(), {
      ...{ inlineEvents, waiting: 10 },
    });
    const layers = new LayerCache(storage, { entries: 1_000_000 });
    return new StoredForkedRoom(database, storage, thread, events, layers, rooms, room!, stored);
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

  /**
   * Decides on an event that follows both branches, as when it is received; answers how many entries of the state change,
   * and how many at most in one turn of the event loop.
   */
  async merge(): Promise<{ changes: number; mostAtOnce: number }> {
    const { room, events, layers, storage, stored } = this;
    const notices = new NoticeBoard();
    let [changes, atOnce, mostAtOnce] = [0, 0, 0];
    notices.on('currentState', () => {
      changes += 1;
      atOnce += 1;
      if (atOnce === 1) setImmediate(countAnew);
      mostAtOnce = Math.max(mostAtOnce, atOnce);
    });
    const countAnew = () => {
      atOnce = 0;
    };
    const queue = new RoomQueue(10);
    const d = {
      ...{ storage, events, layers, notices, rooms: this.rooms, resolutions: this.thread },
      ...{ notifications: { plan: () => ({ notify: 0 as const, users: [] }) }, isLocal: () => false },
    };
    const decision = await queue.run(room.id, (turn) => decideEvent(d, turn, room, stored.merging));
    if (decision.outcome !== 'accepted') throw new Error(`the merging event is ${decision.outcome}`);
    await decision.done;
    return { changes, mostAtOnce };
  }

  /** The same by state entries and ids; undefined where the entry is emptied. */
  async resolveByName(): Promise<Map<string, string | undefined>> {
    const { keys, ids } = this.stored;
    return new Map([...(await this.resolve())].map(([key, nid]) => [keys.get(key)!, ids.get(nid)]));
  }

  /** Joined members by server, as the room has them and as it would be read again. */
  async members(): Promise<{ kept: ReadonlyMap<string, number>; read: ReadonlyMap<string, number> }> {
    const rooms = new RoomCache(this.storage, this.events, { bytes: 50_000_000, recentEvents: 20 });
    const read = (await rooms.get(this.room.id))!;
    return { kept: this.room.joinedServers, read: read.joinedServers };
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
  /** An event that follows both branches. */
  readonly merging: SignedEvent;
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
  const auth = ['m.room.create', 'm.room.power_levels', 'm.room.member'].flatMap((type) => {
    const isImplied = type === 'm.room.create' && rules.createEventImpliedInAuthEvents;
    const id = stateSets[0]!.get(stateMapKey(type, type === 'm.room.member' ? CREATOR : ''));
    return isImplied || id === undefined ? [] : [id];
  });
  const message = (eventId: string, prev: readonly string[]): SignedEvent => {
    const pdu: Pdu = {
      ...{
        type: 'm.room.message',
        sender: CREATOR,
        room_id: ROOM_ID,
        content: {},
        origin_server_ts: 1,
        depth: 1_000_000,
      },
      ...{ auth_events: auth, prev_events: [...prev], hashes: { sha256: '' }, signatures: {} },
    };
    return { eventId, pdu, json: JSON.stringify(pdu) };
  };
  for (const [i, top] of tops.entries()) {
    const { eventId, pdu, json } = message(`$tip${i}`, []);
    const event_nid = storage.nextNid('event');
    const position = set.nextPosition();
    set.add('events.insert', {
      ...{ event_nid, event_id: eventId, room_nid, type: pdu.type, state_key: null, sender: CREATOR },
      ...{ origin_server_ts: 1, depth: 1, kind: EventKind.timeline, stream_position: position, chunk: 0 },
      ...{ chunk_index: position, state_layer: top, state_before: null, thread_root: null, notify: 0, notify_main: 0 },
      ...{ unsigned: null, json },
    });
    // The other branch is one that has just been heard of.
    if (i === 0) set.add('forward_extremities.insert', { room_nid, event_nid });
  }
  await flush();
  const merging = message('$merging', ['$tip0', '$tip1']);
  const names = new Map([...keys].map(([name, key]) => [key, name]));
  return { tops, keys: names, ids: new Map([...nids].map(([id, { nid }]) => [nid, id])), merging };
}
