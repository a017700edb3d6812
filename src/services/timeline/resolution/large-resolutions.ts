import type { StateKeyRow } from '../../../storage/contract/rooms.ts';

/** A conflict as it is handed to another thread, which reads the events by itself. */
export interface ResolutionRequest {
  readonly room: { readonly nid: number; readonly id: string; readonly version: string };
  /** For each state, its events under the keys on which the states do not agree. */
  readonly stateSets: readonly Float64Array[];
  /** What the states agree on: the number of a key and that of its event, in turn. */
  readonly agreed: Float64Array;
  /** Events that are not in the database yet, oldest first. */
  readonly events: readonly DecidedEvent[];
  /** State keys that are not there yet. */
  readonly keys: readonly StateKeyRow[];
}

/** An event that was decided on and is not in the database yet. */
export interface DecidedEvent {
  readonly nid: number;
  readonly eventId: string;
  readonly json: string;
  readonly rejected: boolean;
}

export interface ResolutionReply {
  /** What the resolved state has beside what the states agree on: the number of a key and that of its event, in turn. */
  readonly resolved: Float64Array;
  /** The same under keys that have no number yet. */
  readonly unnumbered: readonly { readonly nid: number; readonly type: string; readonly stateKey: string }[];
  /** The chain cover of the room, if it has grown enough to be stored anew. */
  readonly cover: { readonly events: number; readonly cover: string } | undefined;
}

/** Resolves conflicts that would keep the event loop busy for too long. */
export interface LargeResolutions {
  /** Events that may be looked at, in the conflict or in its auth chains, before it counts as large. */
  readonly inlineEvents: number;
  /** @throws Error if the thread ends before it answers */
  resolve(request: ResolutionRequest): Promise<ResolutionReply>;
}
