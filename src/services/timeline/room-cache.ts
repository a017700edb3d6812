import { setImmediate as turnOfLoop } from 'node:timers/promises';
import { roomVersion } from '../../protocol/room-versions/index.ts';
import type { EventRow } from '../../storage/contract/events.ts';
import type { PartialRoomRow } from '../../storage/contract/partial-rooms.ts';
import type { ChunkRow, GapRow, RoomRow, StateKeyRow, StateLayerRow } from '../../storage/contract/rooms.ts';
import type { Storage } from '../../storage/contract/storage.ts';
import { Lru } from '../../util/lru.ts';
import type { EventCache } from './event-cache.ts';
import { extremityOf } from './event-writes.ts';
import { type PartialState, Room } from './room.ts';
import { type Layer, unpackEntries } from './state-layers.ts';
import { StoredEvent } from './stored-event.ts';

/** State events of a room that is being loaded in one turn of the event loop: a few milliseconds of work. */
const STATE_SLICE = 500;

/** Rooms in memory, bounded; loaded when asked for and rebuilt at will. */
export class RoomCache {
  private readonly rooms: Lru<string, Room>;
  /** Rooms with write sets on their way: they must stay, for their effects go into them. */
  private readonly pinned = new Map<string, Room>();
  private readonly loading = new Map<string, Promise<Room | undefined>>();
  /** Rooms that were given up with write sets on their way: storage knows all of them only when those have ended. */
  private readonly leaving = new Map<string, Promise<unknown>>();
  private readonly storage: Storage;
  private readonly events: EventCache;
  private readonly recentMax: number;

  constructor(storage: Storage, events: EventCache, limits: { bytes: number; recentEvents: number }) {
    this.storage = storage;
    this.events = events;
    this.recentMax = limits.recentEvents;
    // A room that is larger than all the memory for rooms is kept alone.
    this.rooms = new Lru({ max: limits.bytes, sizeOf: (room) => Math.min(room.weight, limits.bytes) });
  }

  /** The room if it is in memory. */
  peek(roomId: string): Room | undefined {
    return this.pinned.get(roomId) ?? this.rooms.get(roomId);
  }

  /** The room, or undefined if this server knows none of that id. */
  get(roomId: string): Promise<Room | undefined> {
    const known = this.peek(roomId);
    if (known) return Promise.resolve(known);
    const loading = this.loading.get(roomId);
    if (loading) return loading;
    const started = this.loadSettled(roomId).finally(() => this.loading.delete(roomId));
    this.loading.set(roomId, started);
    return started;
  }

  /** An empty room, about to be filled by its first write set. */
  create(row: RoomRow): Room {
    return this.emptyRoom(row);
  }

  /** Keeps the room in memory until {@link unpin}. */
  pin(room: Room): void {
    room.decided.pins += 1;
    if (room.decided.isLost) return;
    this.pinned.set(room.id, room);
    if (this.rooms.peek(room.id) !== room) this.rooms.delete(room.id);
  }

  /** A room that nobody pins any more goes back among the others, with its new weight. */
  unpin(room: Room): void {
    room.decided.pins -= 1;
    if (room.decided.pins > 0 || this.pinned.get(room.id) !== room) return;
    this.pinned.delete(room.id);
    this.rooms.set(room.id, room);
  }

  /**
   * Gives up a room whose decided head can no longer be trusted. It is loaded again when what is still on its way has
   * ended.
   */
  evict(room: Room): void {
    const { decided } = room;
    decided.isLost = true;
    if (this.pinned.get(room.id) === room) this.pinned.delete(room.id);
    if (this.rooms.peek(room.id) === room) this.rooms.delete(room.id);
    if (!decided.writing) return;
    const ended = decided.writing.then(() => {
      if (this.leaving.get(room.id) === ended) this.leaving.delete(room.id);
    });
    this.leaving.set(room.id, ended);
  }

  private emptyRoom(row: RoomRow): Room {
    const rules = roomVersion(row.version);
    if (!rules) throw new Error(`room ${row.room_id} has the unknown version ${row.version}`);
    return new Room(
      { nid: row.room_nid, id: row.room_id, rules, createdAt: row.created_at, isPublic: row.is_public === 1 },
      this.recentMax,
    );
  }

  private async loadSettled(roomId: string): Promise<Room | undefined> {
    for (let leaving = this.leaving.get(roomId); leaving; leaving = this.leaving.get(roomId)) await leaving;
    const loaded = this.peek(roomId) ?? (await this.load(roomId));
    // Somebody may have made the room meanwhile: theirs is the one that write sets go into.
    const room = this.peek(roomId) ?? loaded;
    if (room && room === loaded && !this.pinned.has(roomId)) this.rooms.set(roomId, room);
    return room;
  }

  private async load(roomId: string): Promise<Room | undefined> {
    const row = await this.storage.read((tx) => tx.rooms.byId(roomId));
    if (!row) return undefined;
    // Whoever would write to the room waits for this same load, so nothing changes meanwhile.
    const nid = row.room_nid;
    return this.storage.readHeavy(async (tx) => {
      const state = await tx.rooms.currentState(nid);
      // Of rooms that this server has never been in, to which users are invited, there is nothing but the row.
      if (state.length === 0) return undefined;
      return this.fill(this.emptyRoom(row), {
        state,
        lastKey: await tx.rooms.lastStateKey(nid),
        extremities: await tx.rooms.forwardExtremities(nid),
        resolvedState: await tx.rooms.resolvedState(nid),
        absentKeys: await tx.rooms.absentKeys(nid),
        stateChangedAt: await tx.rooms.stateChangedAt(nid),
        chunks: await tx.rooms.chunks(nid),
        gaps: await tx.rooms.gaps(nid),
        awaitsRedacted: await tx.events.awaitsRedacted(nid),
        partial: await tx.partialRooms.of(nid),
        lastPlace: await tx.partialRooms.lastPlace(nid),
        recent: await tx.events.timelineBackwards(nid, 0, Number.MAX_SAFE_INTEGER, Math.ceil(this.recentMax / 2)),
        layersOf: (layer) => tx.rooms.layers(layer),
      });
    });
  }

  private async fill(
    room: Room,
    rows: {
      state: (EventRow & { key_nid: number })[];
      lastKey: number;
      extremities: EventRow[];
      resolvedState: number | undefined;
      absentKeys: StateKeyRow[];
      stateChangedAt: number;
      chunks: ChunkRow[];
      gaps: GapRow[];
      awaitsRedacted: boolean;
      partial: PartialRoomRow | undefined;
      lastPlace: number;
      recent: EventRow[];
      layersOf: (layer: number) => Promise<StateLayerRow[]>;
    },
  ): Promise<Room> {
    for (const [i, row] of rows.state.entries()) {
      if (i % STATE_SLICE === STATE_SLICE - 1) await turnOfLoop();
      room.putState(this.events.peek(row.event_nid) ?? StoredEvent.fromRow(row, room.id), row.key_nid);
    }
    const recent = rows.recent.reverse().map((row) => this.events.ofRow(row, room.id));
    for (const event of recent) room.putRecent(event);
    room.recentAfter = rows.recent.length < Math.ceil(this.recentMax / 2) ? 0 : (recent[0]?.position ?? 1) - 1;
    const { decided } = room;
    decided.notifyMain = room.notifyMain;
    decided.nextKeyNid = rows.lastKey + 1;
    decided.extremities = rows.extremities.map((row) => extremityOf(StoredEvent.fromRow(row, room.id), room.rules));
    for (const { type, state_key, key_nid } of rows.absentKeys) room.putAbsentKey(type, state_key, key_nid);
    room.stateChangedAt = rows.stateChangedAt;
    for (const { chunk, first_position } of rows.chunks) room.putChunk(chunk, first_position);
    for (const { event_id, chunk } of rows.gaps) room.gaps.set(event_id, chunk);
    decided.chunk = room.liveChunk;
    room.awaitsRedacted = rows.awaitsRedacted;
    room.hadBranches = rows.resolvedState !== undefined;
    room.fullAt = rows.partial?.full_at ?? 0;
    if (rows.partial?.full_at === null) room.setPartial(partialState(rows.partial, rows.lastPlace));
    const top = rows.extremities.length > 1 ? rows.resolvedState : rows.extremities[0]?.state_layer;
    if (top) decided.layers = stackOf(await rows.layersOf(top));
    return room;
  }
}

function partialState(row: PartialRoomRow, lastPlace: number): PartialState {
  const servers = JSON.parse(row.servers) as string[];
  return { joinNid: row.join_nid, origin: row.origin, servers, nextPlace: lastPlace + 1 };
}

/** The stack of layers, base first, as deciders build on it. */
function stackOf(chain: readonly StateLayerRow[]): Layer[] {
  return [...chain].reverse().map((layer, i) => {
    const entries = new Map<number, number>();
    if (i > 0) unpackEntries(layer.diff, entries);
    return { nid: layer.layer_nid, depth: layer.depth, size: layer.size, entries: i > 0 ? entries : undefined };
  });
}
