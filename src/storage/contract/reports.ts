/** What somebody reported. */
export interface ReportRow {
  /** Counted from 1, in the order of the reports. */
  readonly report_id: number;
  readonly reporter: string;
  readonly room_id: string | null;
  readonly event_id: string | null;
  readonly user_id: string | null;
  readonly reason: string;
  readonly created_at: number;
}

export interface ReportStore {
  /** Reports with a smaller id than `before`, newest first. */
  newest(before: number, limit: number): Promise<ReportRow[]>;
  count(): Promise<number>;
}

declare module './write-set.ts' {
  interface Mutations {
    /** Takes the next id. */
    'reports.insert': Omit<ReportRow, 'report_id'>;
    /** Leaves only the newest `keep` reports of somebody. */
    'reports.trim': { reporter: string; keep: number };
  }
}
