import type { EventRow } from './events.ts';

/** Words that must follow each other in a text; of the last one only the beginning if `isPrefix`. */
export interface TextPhrase {
  readonly words: readonly string[];
  readonly isPrefix: boolean;
}

/** What to look for in the text index: a text has one of the labels and each of the phrases. */
export class TextQuery {
  readonly labels: readonly string[];
  readonly phrases: readonly TextPhrase[];

  /** @param labels any of these, or whatever label if there are none; words and labels are letters and digits only */
  constructor(labels: readonly string[], phrases: readonly TextPhrase[]) {
    this.labels = labels;
    this.phrases = phrases;
  }
}

/** Which part of an event's content was indexed. */
export const SearchKey = { body: 0, name: 1, topic: 2 } as const;
export type SearchKey = (typeof SearchKey)[keyof typeof SearchKey];

/** A place in the results of a search: after everything of a greater score, or of the same one and a greater number. */
export interface SearchPoint {
  readonly score: number;
  readonly eventNid: number;
}

export interface SearchHit {
  readonly event_nid: number;
  readonly room_nid: number;
  readonly score: number;
  /** How many hits there are in all. */
  readonly total: number;
}

/** What a search finds in one reading. */
export interface SearchReading {
  readonly query: TextQuery;
  /** By how well it fits, or by stream position. */
  readonly order: 'rank' | 'recent';
  readonly keys: readonly SearchKey[];
  /** Only what these have sent; undefined for everybody. */
  readonly senders: readonly string[] | undefined;
  readonly after: SearchPoint | undefined;
  readonly limit: number;
}

export interface SearchStore {
  /** Hits in order, best or newest first. */
  hits(reading: SearchReading): Promise<SearchHit[]>;
  /** Rooms with timeline events that the index has not seen, `limit` at most. */
  roomsBehind(limit: number): Promise<{ room_nid: number }[]>;
  /** Up to which stream position the index has seen the events of a room. */
  progress(roomNid: number): Promise<{ position: number } | undefined>;
  /** Timeline events of a room after a stream position, oldest first. */
  eventsAfter(roomNid: number, position: number, limit: number): Promise<EventRow[]>;
  /** Events that were fetched from before rooms were known here, by number: `after` < number ≤ `upTo`. */
  oldEvents(after: number, upTo: number, limit: number): Promise<EventRow[]>;
  /** The greatest number of an event, 0 if there is none. */
  newestNid(): Promise<number>;
  /** Which of these events were indexed as edits, and of what. */
  edited(editNids: readonly number[]): Promise<{ edit_nid: number; event_nid: number }[]>;
  /** Events of a sender that are in the index. */
  documentsOf(sender: string, limit: number): Promise<{ event_nid: number }[]>;
  isEncrypted(roomNid: number): Promise<boolean>;
}

declare module './write-set.ts' {
  interface Mutations {
    'search_documents.put': { event_nid: number; room_nid: number; position: number; sender: string; text_key: number };
    'search_documents.delete': { event_nid: number };
    /** `labels` and `words` are separated by blanks. */
    'search_index.put': { event_nid: number; labels: string; words: string };
    'search_index.delete': { event_nid: number };
    'search_edits.put': { edit_nid: number; event_nid: number };
    'search_edits.delete': { edit_nid: number };
    'search_progress.put': { room_nid: number; position: number };
  }
}
