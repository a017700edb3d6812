import type { EventReference } from '../../protocol/events/pdu.ts';
import type { StateKeyRow } from '../../storage/contract/rooms.ts';
import type { WriteSet } from '../../storage/contract/write-set.ts';
import { partsOfStateKey } from './state-key.ts';
import type { Layer } from './state-layers.ts';
import type { StoredEvent } from './stored-event.ts';

/** An event that new ones follow. */
export interface Extremity {
  readonly nid: number;
  readonly eventId: string;
  /** How what follows it names it. */
  readonly reference: EventReference;
  readonly depth: number;
  /** Layer of the state after it; undefined if there is none. */
  readonly layer: number | undefined;
}

/** That a key of the state is emptied. */
export class Emptied {
  isCommitted = false;
}

/**
 * What the next decision in a room builds on: it may be ahead of what is committed. Only whoever has the room's turn
 * changes it. A decision that is given up half-way takes back what it did to it.
 */
export class DecidedHead {
  extremities: readonly Extremity[] = [];
  /** Of the current state: that after the extremity, or what the states after several resolve to. */
  layers: readonly Layer[] = [];
  nextKeyNid = 1;
  /** The chunk of the pages that the next event goes to. */
  chunk = 0;
  /** Notifying events of the main timeline. */
  notifyMain = 0;
  /** The last write set of the room, until it is committed. */
  last: WriteSet | undefined;
  /** Of {@link last}: ends as it does. */
  lastDone: Promise<void> | undefined;
  /** Resolves when every write set handed over so far has ended, one way or the other; undefined if all have. */
  writing: Promise<unknown> | undefined;
  /** Who needs the room to stay in memory: deciders, and write sets on their way. */
  pins = 0;
  /** Set when a write set failed: nothing can be built on this head any more. */
  isLost = false;

  private readonly pending = new Map<string, StoredEvent | Emptied>();
  private readonly newKeys = new Map<string, number>();
  /** By server, how the number of its joined members changes with what is not yet committed. */
  private readonly moves = new Map<string, number>();
  private undo: (() => void)[] = [];

  /** From here on {@link takeBack} undoes what is done. */
  begin(): void {
    const { extremities, layers, nextKeyNid, notifyMain, chunk } = this;
    this.undo = [
      () => {
        this.extremities = extremities;
        this.layers = layers;
        this.nextKeyNid = nextKeyNid;
        this.notifyMain = notifyMain;
        this.chunk = chunk;
      },
    ];
  }

  takeBack(): void {
    for (const step of this.undo.splice(0).reverse()) step();
  }

  /** The decision is being written: its steps need not be remembered. */
  keep(): void {
    this.undo = [];
  }

  /** State that is decided and not yet committed. */
  stateAt(key: string): StoredEvent | Emptied | undefined {
    return this.pending.get(key);
  }

  get hasPendingState(): boolean {
    return this.pending.size > 0;
  }

  pendingState(): Iterable<readonly [string, StoredEvent | Emptied]> {
    return this.pending;
  }

  putState(key: string, event: StoredEvent | Emptied): void {
    const before = this.pending.get(key);
    this.pending.set(key, event);
    this.undo.push(() => {
      // What was decided before may have been committed meanwhile: then the room itself holds it.
      if (before && isOnItsWay(before)) this.pending.set(key, before);
      else this.pending.delete(key);
    });
  }

  /** The state has been committed: the room itself holds it. */
  settleState(key: string, event: StoredEvent | Emptied): void {
    if (event instanceof Emptied) event.isCommitted = true;
    if (this.pending.get(key) === event) this.pending.delete(key);
  }

  /** The key's number has been committed: the room itself knows it. */
  settleKey(key: string): void {
    this.newKeys.delete(key);
  }

  /** How many members of a server more (or, negative, fewer) are joined than is committed. */
  membersMoved(server: string): number {
    return this.moves.get(server) ?? 0;
  }

  moveMember(server: string, change: 1 | -1): void {
    this.move(server, change);
    this.undo.push(() => this.move(server, -change));
  }

  /** The move has been committed: the room itself counts it. */
  settleMember(server: string, change: 1 | -1): void {
    this.move(server, -change);
  }

  private move(server: string, change: number): void {
    const moved = this.membersMoved(server) + change;
    if (moved === 0) this.moves.delete(server);
    else this.moves.set(server, moved);
  }

  /** The number of a state key that is new with state not yet committed. */
  keyNid(key: string): number | undefined {
    return this.newKeys.get(key);
  }

  /** State keys that are new with state not yet committed. */
  get newStateKeys(): StateKeyRow[] {
    return [...this.newKeys].map(([key, key_nid]) => {
      const [type, state_key] = partsOfStateKey(key);
      return { key_nid, type, state_key };
    });
  }

  numberKey(key: string): number {
    const nid = this.nextKeyNid;
    this.nextKeyNid += 1;
    this.newKeys.set(key, nid);
    this.undo.push(() => this.newKeys.delete(key));
    return nid;
  }
}

function isOnItsWay(event: StoredEvent | Emptied): boolean {
  return event instanceof Emptied ? !event.isCommitted : event.position === 0;
}
