import type { PositionOffset } from './write-set.ts';

/** An event of another server that was taken in and is to be checked later. */
export interface StagedPduRow {
  /** Of the write that staged it, and its place there: events of a room are checked in this order. */
  readonly position: number;
  readonly ordinal: number;
  readonly room_id: string;
  readonly origin: string;
  readonly json: string;
}

export interface InboxStore {
  /** The oldest that wait in a room, oldest first. */
  staged(roomId: string, limit: number): Promise<StagedPduRow[]>;
  /** Rooms in which some wait. */
  stagedRooms(): Promise<string[]>;
  /** How many wait of each server. */
  stagedCounts(): Promise<{ origin: string; count: number }[]>;
  /** Whether a message to devices has been received. */
  hasReceived(origin: string, messageId: string): Promise<boolean>;
}

declare module './write-set.ts' {
  interface Mutations {
    'staged_pdus.insert': Omit<StagedPduRow, 'position'> & { position: PositionOffset };
    'staged_pdus.delete': { position: number; ordinal: number };
    /** A conflict if it has been received before. */
    'received_messages.insert': { origin: string; message_id: string; received_at: number };
    'received_messages.expire': { received_at: number };
  }
}
