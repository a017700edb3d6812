import type { EventRow, PagePoint } from './events.ts';

/** Of what relates to events; what was redacted relates to nothing any more. */
export interface RelationStore {
  /** The types of relation to each of `eventIds`, each once; those of redacted events may be among them. */
  typesOf(roomNid: number, eventIds: readonly string[]): Promise<{ relates_to: string; rel_type: string }[]>;
  /** For each of `eventIds` that its sender has edited, the newest edit. */
  latestEdits(roomNid: number, eventIds: readonly string[]): Promise<(EventRow & { relates_to: string })[]>;
  /** Events that refer to one of `eventIds`, oldest first. */
  references(
    roomNid: number,
    eventIds: readonly string[],
    limit: number,
  ): Promise<{ relates_to: string; event_id: string; sender: string }[]>;
  /** The latest event of each thread, and how many there are, without those of `ignored` senders. */
  threadSummaries(
    roomNid: number,
    roots: readonly string[],
    ignored: readonly string[],
  ): Promise<(EventRow & { count: number })[]>;
  /** Which of the threads have an event of this sender. */
  threadsWithSender(roomNid: number, roots: readonly string[], sender: string): Promise<{ thread_root: string }[]>;
  /**
   * A page of the events that relate to `eventId`, directly or through at most `depth` − 1 others. Places in the pages:
   * `after` < place ≤ `upTo`.
   */
  page(query: {
    roomNid: number;
    eventId: string;
    depth: number;
    relType: string | undefined;
    type: string | undefined;
    after: PagePoint;
    upTo: PagePoint;
    backwards: boolean;
    limit: number;
  }): Promise<EventRow[]>;
}
