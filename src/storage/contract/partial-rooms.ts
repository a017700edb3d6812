import type { EventKind } from './events.ts';
import type { PositionOffset } from './write-set.ts';

/** A room that this server has joined without being told of all its members. */
export interface PartialRoomRow {
  readonly room_nid: number;
  /** The event by which it joined. */
  readonly join_nid: number;
  /** The server that let it in. */
  readonly origin: string;
  /** Names of the servers that were said to be in the room, as a JSON array. */
  readonly servers: string;
  /** How often all of them have been asked for the whole state. */
  readonly attempts: number;
  /** Milliseconds: they are not asked again before. */
  readonly retry_at: number;
  /** Stream position at which the state became whole; null until then. */
  readonly full_at: number | null;
}

export interface PartialRoomStore {
  /** What is known of the room if it is one of those, or was. */
  of(roomNid: number): Promise<PartialRoomRow | undefined>;
  /** Ids of the rooms whose state is not whole. */
  unfinished(): Promise<string[]>;
  /** Numbers of the events that were decided on meanwhile, in that order. */
  events(roomNid: number): Promise<number[]>;
  /** The place of the last of them, 0 if there is none. */
  lastPlace(roomNid: number): Promise<number>;
}

declare module './write-set.ts' {
  interface Mutations {
    'partial_rooms.put': PartialRoomRow;
    'partial_rooms.retry': { room_nid: number; attempts: number; retry_at: number };
    'partial_rooms.full': { room_nid: number; full_at: PositionOffset };
    'partial_rooms.delete': { room_nid: number };
    'partial_events.insert': { room_nid: number; place: number; event_nid: number };
    'partial_events.deleteOf': { room_nid: number };
    /** The states around an event are others than was thought. */
    'events.setState': { event_nid: number; kind: EventKind; state_layer: number | null; state_before: number | null };
    /** An event was not allowed after all: it leaves the timeline and the pages. */
    'events.withdraw': { event_nid: number };
  }
}
