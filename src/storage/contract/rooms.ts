import type { EventRow } from './events.ts';
import type { PositionOffset } from './write-set.ts';

export interface RoomRow {
  readonly room_nid: number;
  readonly room_id: string;
  readonly version: string;
  /** 1 if published in the public room directory. */
  readonly is_public: number;
  readonly created_at: number;
}

export interface MembershipRow {
  readonly user_id: string;
  readonly room_nid: number;
  readonly room_id: string;
  readonly membership: string;
  readonly event_nid: number;
  /** Stream position at which the membership became this. */
  readonly position: number;
  readonly forgotten: number;
  /** For invites and knocks: stripped state events, as a JSON array. */
  readonly stripped_state: string | null;
}

/** Rooms that people publish, those that an application service publishes as of a network, or both of all of them. */
export type PublicRoomList = 'own' | 'all' | { readonly instance: string };

/** One change of a room's current state. */
export interface StateDeltaRow {
  readonly position: number;
  readonly type: string;
  readonly state_key: string;
  readonly old_event_nid: number | null;
  readonly new_event_nid: number | null;
}

export interface StateHistoryRow {
  readonly position: number;
  readonly event_nid: number | null;
}

/** A layer of state: what differs from its parent, as packed pairs of key nid and event nid. */
export interface StateLayerRow {
  readonly layer_nid: number;
  readonly room_nid: number;
  readonly parent: number | null;
  readonly depth: number;
  readonly size: number;
  readonly diff: Uint8Array;
}

/** A contiguous part of a room's pages. */
export interface ChunkRow {
  readonly chunk: number;
  readonly first_position: number;
}

/** An event that is named by one of a chunk and is not here. */
export interface GapRow {
  readonly event_id: string;
  readonly chunk: number;
}

export interface StateKeyRow {
  readonly key_nid: number;
  readonly type: string;
  readonly state_key: string;
}

export interface RoomStore {
  byId(roomId: string): Promise<RoomRow | undefined>;
  byNids(nids: readonly number[]): Promise<RoomRow[]>;
  /** Published rooms, those left out of which not all members are known. */
  publicRooms(list: PublicRoomList): Promise<RoomRow[]>;
  /** The events of the current state, with the number of their state key. */
  currentState(roomNid: number): Promise<(EventRow & { key_nid: number })[]>;
  stateKeys(roomNid: number): Promise<StateKeyRow[]>;
  /** The greatest number of a state key in the room, 0 if there is none. */
  lastStateKey(roomNid: number): Promise<number>;
  /** State keys that the current state has nothing under: those of other branches of the room's history. */
  absentKeys(roomNid: number): Promise<StateKeyRow[]>;
  /** Stream position at which the current state last changed, 0 if it never did. */
  stateChangedAt(roomNid: number): Promise<number>;
  /** The layer of what the states after several forward extremities resolve to, or did when there were several. */
  resolvedState(roomNid: number): Promise<number | undefined>;
  /** The chunks that a room's pages are in, but the first, with the position of their first event. */
  chunks(roomNid: number): Promise<ChunkRow[]>;
  /** Events that are missing at the beginnings of chunks. */
  gaps(roomNid: number): Promise<GapRow[]>;
  /** The layers from `layerNid` down to its base. */
  layers(layerNid: number): Promise<StateLayerRow[]>;
  /** The chain cover of the room's state events, as it was stored last. */
  authChainCover(roomNid: number): Promise<string | undefined>;
  /** Stream position of the newest timeline event or receipt of each room, or of its state becoming whole; 0 if none. */
  lastPositions(nids: readonly number[]): Promise<{ room_id: string; position: number }[]>;
  forwardExtremities(roomNid: number): Promise<EventRow[]>;
  /** Changes of current state with `after` < position ≤ `upTo`, oldest first. */
  stateDeltas(roomNid: number, after: number, upTo: number): Promise<StateDeltaRow[]>;
  /** Every event that was the current state under one key, oldest first; null where the key was emptied. */
  stateHistory(roomNid: number, keyNid: number): Promise<StateHistoryRow[]>;
  /** The event that took the place of `eventNid`, which became the state at `position`, under its key. */
  stateReplacing(roomNid: number, eventNid: number, position: number): Promise<EventRow | undefined>;
  /** Of those keys, the events that were the current state at a stream position. */
  stateAt(roomNid: number, keyNids: readonly number[], position: number): Promise<EventRow[]>;
  membership(userId: string, roomNid: number): Promise<MembershipRow | undefined>;
  membershipsOf(userId: string): Promise<MembershipRow[]>;
  /** Users who have a membership in the room: for rooms that nobody keeps in memory. */
  membersOf(roomNid: number): Promise<MembershipRow[]>;
}

declare module './write-set.ts' {
  interface Mutations {
    'rooms.insert': RoomRow;
    'rooms.setVersion': { room_nid: number; version: string };
    'rooms.setPublic': { room_nid: number; is_public: number };
    'state_keys.insert': StateKeyRow & { room_nid: number };
    'state_layers.insert': StateLayerRow;
    'current_state.put': { room_nid: number; key_nid: number; event_nid: number };
    'room_chunks.insert': { room_nid: number; chunk: number; first_position: PositionOffset };
    'gaps.put': GapRow & { room_nid: number };
    'gaps.delete': { room_nid: number; event_id: string };
    'current_state.delete': { room_nid: number; key_nid: number };
    /** `cover` is JSON, `events` the number of events in it. */
    'auth_chain_covers.put': { room_nid: number; events: number; cover: string };
    'resolved_states.put': { room_nid: number; state_layer: number };
    'current_state_deltas.insert': {
      room_nid: number;
      position: PositionOffset;
      key_nid: number;
      old_event_nid: number | null;
      new_event_nid: number | null;
    };
    'forward_extremities.insert': { room_nid: number; event_nid: number };
    'forward_extremities.delete': { room_nid: number; event_nid: number };
    'memberships.put': {
      user_id: string;
      room_nid: number;
      membership: string;
      event_nid: number;
      position: PositionOffset;
      forgotten: number;
      stripped_state: string | null;
    };
    /** The user is joined as before, by a newer event. */
    'memberships.rename': { user_id: string; room_nid: number; event_nid: number };
    'memberships.forget': { user_id: string; room_nid: number; forgotten: number };
  }
}
