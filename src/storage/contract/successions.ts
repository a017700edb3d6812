/** A user has come into a room that may replace another; or a room was closed, and the user is ''. */
export interface SuccessionRow {
  readonly user_id: string;
  readonly room_id: string;
}

export interface SuccessionStore {
  /** What is still to be done, in the order of the keys, behind `after`. */
  behind(after: SuccessionRow, limit: number): Promise<readonly SuccessionRow[]>;
}

declare module './write-set.ts' {
  interface Mutations {
    'successions.put': SuccessionRow;
    'successions.delete': SuccessionRow;
  }
}
