import type { EventRow } from './events.ts';
import type { RoomRow } from './rooms.ts';

export interface RetentionStore {
  /** Rooms with a greater number than `after`, in that order, without those that are not whole yet. */
  rooms(after: number, limit: number): Promise<RoomRow[]>;
  /**
   * Messages of a room that are older than `before` (milliseconds since the epoch), in the order of its pages. Not among
   * them are the newest event and those that the next event follows.
   */
  expired(roomNid: number, before: number, limit: number): Promise<EventRow[]>;
  /** The stream position of the first message of the timeline up to `upTo` that is no older than `before`. */
  firstKept(roomNid: number, before: number, upTo: number): Promise<number | undefined>;
  /** The room's count of notifying events at the last message that was deleted; 0 if none was. */
  floor(roomNid: number): Promise<number>;
  /** Which files these events showed when they were stored. */
  mediaOf(eventNids: readonly number[]): Promise<{ mxc: string; event_nid: number }[]>;
  /** Those of the files that some message, or some room by its state, still shows. */
  shownMedia(mxcs: readonly string[]): Promise<{ mxc: string }[]>;
  /** Files to be removed if nothing shows them, in the order of their addresses, behind `after`. */
  unusedFiles(after: string, limit: number): Promise<{ mxc: string }[]>;
}

declare module './write-set.ts' {
  interface Mutations {
    'events.delete': { event_nid: number };
    'events.unrelate': { room_nid: number; relates_to: string; rel_type: string; event_nid: number };
    /** A thread that has no events any more is none. */
    'threads.settle': { room_nid: number; thread_root: string };
    'event_notifications.deleteAt': { room_nid: number; position: number };
    'retention_floors.put': { room_nid: number; notify_main: number };
    'media_references.put': { mxc: string; event_nid: number };
    'media_references.delete': { mxc: string; event_nid: number };
    'unused_files.put': { mxc: string };
    'unused_files.delete': { mxc: string };
  }
}
