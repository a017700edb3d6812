import type { PositionOffset } from './write-set.ts';

/** How far another server has got. */
export interface DestinationRow {
  readonly server: string;
  /** It has got every event up to this stream position. */
  readonly sent_up_to: number;
  /** Up to this position it gets the newest events of each room only. */
  readonly catch_up_to: number;
  /** When it began to fail; null while it does not. */
  readonly failing_since: number | null;
  /** Failures in a row. */
  readonly attempts: number;
  /** Not to be asked again before; 0 once that has passed and nothing waits. */
  readonly retry_at: number;
}

/** An event that another server is to get. */
export interface DueEventRow {
  readonly position: number;
  readonly event_nid: number;
}

export const OutgoingEduKind = { toDevice: 0, deviceList: 1, signingKeys: 2 } as const;
export type OutgoingEduKind = (typeof OutgoingEduKind)[keyof typeof OutgoingEduKind];

/** An EDU that must not be lost. */
export interface OutgoingEduRow {
  readonly server: string;
  readonly position: number;
  /** The device whose keys changed; '' for the other kinds. */
  readonly device_id: string;
  readonly kind: OutgoingEduKind;
  /** The sender, or whose keys changed. */
  readonly user_id: string;
  /** Of a change of a device list: its number, and the one before of the same user. */
  readonly stream_id: number;
  readonly prev_id: number | null;
  /** The content of a message to devices. */
  readonly json: string | null;
}

/** Which events: those of the rooms that the server was in at the time, with `after` < position ≤ `upTo`. */
export interface DueEventsQuery {
  readonly server: string;
  readonly after: number;
  readonly upTo: number;
  readonly limit: number;
}

export interface OutboxStore {
  destination(server: string): Promise<DestinationRow | undefined>;
  /** The oldest `limit` of the events, oldest first. */
  dueEvents(wanted: DueEventsQuery): Promise<DueEventRow[]>;
  /** The same of the newest `perRoom` of each room only. */
  newestDueEvents(wanted: DueEventsQuery & { readonly perRoom: number }): Promise<DueEventRow[]>;
  /** The oldest EDUs that wait for a server, oldest first. */
  edus(server: string, limit: number): Promise<OutgoingEduRow[]>;
  /** Servers for which EDUs were added at a position. */
  serversOfEdus(position: number): Promise<string[]>;
  /** Servers, other than `own`, for which something waits, by name after `after`. */
  waiting(own: string, after: string, limit: number): Promise<string[]>;
  /** Servers that fail and are to be tried again at `now`. */
  retriable(now: number, limit: number): Promise<string[]>;
  /** Stream position since when a server has been in a room, the first time if it was more than once. */
  serverSince(roomNid: number, server: string): Promise<{ since: number } | undefined>;
  /** Servers that share a room with a user. */
  serversWith(userId: string): Promise<string[]>;
  /**
   * Up to this stream position every server has got its events; undefined if all have all. Servers that fail since
   * before `abandoned` do not count.
   */
  oldestNeeded(own: string, abandoned: number): Promise<number | undefined>;
  /** Servers for which more than `keep` EDUs wait. */
  serversWithMore(keep: number): Promise<string[]>;
  /** When, after `now`, the next server that fails is to be tried again. */
  nextRetry(now: number): Promise<number | undefined>;
}

interface Stay {
  readonly room_nid: number;
  readonly server: string;
  readonly position: PositionOffset;
}

declare module './write-set.ts' {
  interface Mutations {
    /** Begins a stay of a server in a room, unless it is there. */
    'room_servers.arrive': Stay;
    'room_servers.depart': Stay;
    /** A stay of one event. */
    'room_servers.visit': Stay;
    'outgoing_events.insert': {
      room_nid: number;
      position: PositionOffset;
      event_nid: number;
      /** The server that has it; '' for this one. */
      origin: string;
      /** The one server that is to get it; '' for all of the room. */
      recipient: string;
    };
    /** Forgets events up to a position, except for the newest of each room. */
    'outgoing_events.prune': { position: number };
    'outgoing_edus.insert': Omit<OutgoingEduRow, 'position'> & { position: PositionOffset };
    /** EDUs of a change of a user's keys for every server that shares a room with the user, except `own`. */
    'outgoing_edus.fanOut': {
      user_id: string;
      position: PositionOffset;
      device_id: string;
      kind: OutgoingEduKind;
      own: string;
    };
    /** EDUs of all devices of a user for the servers of a room that share no other room with the user. */
    'outgoing_edus.announce': { user_id: string; room_nid: number; position: PositionOffset; own: string };
    /** The server has got everything up to this one. */
    'outgoing_edus.deleteUpTo': { server: string; position: number; device_id: string };
    /** Deletes all but the newest `keep`. */
    'outgoing_edus.trim': { server: string; keep: number };
    'destinations.put': DestinationRow;
  }
}
