import type { StateView } from '../../protocol/events/pdu.ts';
import { serverOf } from '../../protocol/identifiers/parts.ts';
import type { RoomVersionRules } from '../../protocol/room-versions/rules.ts';
import type { PagePoint } from '../../storage/contract/events.ts';
import type { ChunkRow } from '../../storage/contract/rooms.ts';
import { DecidedHead, Emptied } from './decided-head.ts';
import { FIRST_CHUNK } from './page-token.ts';
import { partsOfStateKey, stateKeyOf } from './state-key.ts';
import type { StoredEvent } from './stored-event.ts';

interface StateSlot {
  readonly keyNid: number;
  readonly event: StoredEvent;
}

/** That of a room not all of the state is here: it was joined without being told of all members. */
export interface PartialState {
  /** The event by which this server joined. */
  readonly joinNid: number;
  /** The server that let it in. */
  readonly origin: string;
  /** Other servers that were said to be in the room. */
  readonly servers: readonly string[];
  /** Place of the next event that is to be decided on again. */
  nextPlace: number;
}

/** A room in memory: its committed current state, members and newest events, and the head that deciders build on. */
export class Room implements StateView {
  readonly nid: number;
  readonly id: string;
  readonly rules: RoomVersionRules;
  readonly createdAt: number;
  isPublic: boolean;
  /** Stream position of the newest committed event. */
  lastPosition = 0;
  /** Stream position at which the current state last changed, by an event or by resolution alone. */
  stateChangedAt = 0;
  /** Committed timeline events, oldest first: all of those after `recentAfter`. */
  readonly recent: StoredEvent[] = [];
  recentAfter = 0;
  /** Committed count of notifying events of the main timeline. */
  notifyMain = 0;
  readonly decided = new DecidedHead();
  /** Events that are named by others and missing here, with the chunk of the pages that they would begin. */
  readonly gaps = new Map<string, number>();
  /** Whether its history ever had several ends: then what an event saw need not be what was current here. */
  hadBranches = false;
  /** Whether there are redactions of events that have not come. */
  awaitsRedacted = false;
  /** Stream position at which the state became whole; 0 if it always was. */
  fullAt = 0;
  /** Bytes it takes in memory, about. */
  weight = 2_000;

  private readonly state = new Map<string, Map<string, StateSlot>>();
  private readonly chunks: ChunkRow[] = [];
  private readonly absentKeys = new Map<string, number>();
  private readonly joined = new Set<string>();
  private readonly servers = new Map<string, number>();
  private readonly invited = new Set<string>();
  private readonly recentMax: number;
  private notWhole: PartialState | undefined;

  constructor(
    row: { nid: number; id: string; rules: RoomVersionRules; createdAt: number; isPublic: boolean },
    recentMax: number,
  ) {
    this.nid = row.nid;
    this.id = row.id;
    this.rules = row.rules;
    this.createdAt = row.createdAt;
    this.isPublic = row.isPublic;
    this.recentMax = recentMax;
  }

  /** Undefined if all of the room's state is here. */
  get partial(): PartialState | undefined {
    return this.notWhole;
  }

  /** Until the state is whole, a server that is said to be in the room counts as having one more member than is known. */
  setPartial(partial: PartialState | undefined): void {
    for (const server of this.notWhole?.servers ?? []) this.countServer(server, -1);
    this.notWhole = partial;
    for (const server of partial?.servers ?? []) this.countServer(server, 1);
  }

  /** Where the pages go on after something was missed. */
  putChunk(chunk: number, firstPosition: number): void {
    this.chunks.push({ chunk, first_position: firstPosition });
  }

  /** The chunk of the pages that an event with this stream position is in. */
  chunkAt(position: number): number {
    return this.chunks.findLast(({ first_position: first }) => first <= position)?.chunk ?? FIRST_CHUNK;
  }

  /** The point in the pages right after a stream position. */
  pointAt(position: number): PagePoint {
    return { chunk: this.chunkAt(position), index: position };
  }

  /** The chunk of the newest events. */
  get liveChunk(): number {
    return this.chunks.at(-1)?.chunk ?? FIRST_CHUNK;
  }

  /** Whether something is missing before the chunk. */
  hasGap(chunk: number): boolean {
    for (const one of this.gaps.values()) if (one === chunk) return true;
    return false;
  }

  get version(): string {
    return this.rules.version;
  }

  /** The committed current state. */
  get(type: string, stateKey: string): StoredEvent | undefined {
    return this.state.get(type)?.get(stateKey)?.event;
  }

  /** The same as {@link get}, by the name that says so. */
  stateEvent(type: string, stateKey: string): StoredEvent | undefined {
    return this.get(type, stateKey);
  }

  /** The state that the next decision builds on. */
  readonly decidedState: { get(type: string, stateKey: string): StoredEvent | undefined } = {
    get: (type, stateKey) => {
      if (!this.decided.hasPendingState) return this.get(type, stateKey);
      const pending = this.decided.stateAt(stateKeyOf(type, stateKey));
      if (pending instanceof Emptied) return undefined;
      return pending ?? this.get(type, stateKey);
    },
  };

  /** Number of a state key in layers, if it has one. */
  keyNid(type: string, stateKey: string): number | undefined {
    const present = this.state.get(type)?.get(stateKey);
    if (present) return present.keyNid;
    const key = stateKeyOf(type, stateKey);
    return this.absentKeys.get(key) ?? this.decided.keyNid(key);
  }

  /** Learns the number of a key that has no current state: other branches of the history may have some. */
  putAbsentKey(type: string, stateKey: string, keyNid: number): void {
    if (this.state.get(type)?.has(stateKey)) return;
    this.absentKeys.set(stateKeyOf(type, stateKey), keyNid);
  }

  *stateEvents(): IterableIterator<StoredEvent> {
    for (const byKey of this.state.values()) for (const slot of byKey.values()) yield slot.event;
  }

  /** The state without its members: what stays small in a large room. */
  *stateEventsButMembers(): IterableIterator<StoredEvent> {
    for (const [type, byKey] of this.state) {
      if (type !== 'm.room.member') for (const slot of byKey.values()) yield slot.event;
    }
  }

  *stateEventsOfType(type: string): IterableIterator<StoredEvent> {
    for (const slot of this.state.get(type)?.values() ?? []) yield slot.event;
  }

  /** State events of a type. */
  stateCount(type: string): number {
    return this.state.get(type)?.size ?? 0;
  }

  /** The decided state as numbers: what a base layer holds. */
  decidedEntries(): Map<number, number> {
    const out = new Map<number, number>();
    for (const byKey of this.state.values()) for (const slot of byKey.values()) out.set(slot.keyNid, slot.event.nid);
    for (const [key, event] of this.decided.pendingState()) {
      if (event instanceof Emptied) out.delete(this.keyNid(...partsOfStateKey(key))!);
      else out.set(this.keyNid(event.type, event.stateKey!)!, event.nid);
    }
    return out;
  }

  isJoined(userId: string): boolean {
    return this.joined.has(userId);
  }

  /** Whether the user is joined as far as is known: while members are missing, whoever is of a server in the room. */
  mayBeJoined(userId: string): boolean {
    if (this.joined.has(userId) || !this.notWhole) return this.joined.has(userId);
    return this.servers.has(serverOf(userId) ?? '') && !this.get('m.room.member', userId);
  }

  joinedMembers(): ReadonlySet<string> {
    return this.joined;
  }

  /** How many members of each server are joined; servers without any are not there. */
  get joinedServers(): ReadonlyMap<string, number> {
    return this.servers;
  }

  get joinedCount(): number {
    return this.joined.size;
  }

  get invitedCount(): number {
    return this.invited.size;
  }

  get isEncrypted(): boolean {
    return this.get('m.room.encryption', '') !== undefined;
  }

  membershipOf(userId: string): string | undefined {
    return this.get('m.room.member', userId)?.membership;
  }

  /** Makes `event` the committed state under its key. */
  putState(event: StoredEvent, keyNid: number): void {
    let byKey = this.state.get(event.type);
    if (!byKey) {
      byKey = new Map();
      this.state.set(event.type, byKey);
    }
    const stateKey = event.stateKey!;
    const old = byKey.get(stateKey);
    this.weight += event.weight - (old?.event.weight ?? 0);
    byKey.set(stateKey, { keyNid, event });
    this.absentKeys.delete(stateKeyOf(event.type, stateKey));
    if (event.type === 'm.room.member') this.putMembership(stateKey, event.membership);
  }

  /** Takes the committed state under a key away. */
  removeState(type: string, stateKey: string): void {
    const byKey = this.state.get(type);
    const old = byKey?.get(stateKey);
    if (!byKey || !old) return;
    byKey.delete(stateKey);
    this.weight -= old.event.weight;
    this.putAbsentKey(type, stateKey, old.keyNid);
    if (type === 'm.room.member') this.putMembership(stateKey, undefined);
  }

  private putMembership(userId: string, membership: string | undefined): void {
    if (membership === 'join' && !this.joined.has(userId)) {
      this.joined.add(userId);
      this.countServer(serverOf(userId), 1);
    } else if (membership !== 'join' && this.joined.delete(userId)) {
      this.countServer(serverOf(userId), -1);
    }
    if (membership === 'invite') this.invited.add(userId);
    else this.invited.delete(userId);
  }

  private countServer(server: string | undefined, change: 1 | -1): void {
    if (server === undefined) return;
    const count = (this.servers.get(server) ?? 0) + change;
    if (count > 0) this.servers.set(server, count);
    else this.servers.delete(server);
  }

  /** Adds a committed event to the newest ones; the oldest of them leaves when there are too many. */
  putRecent(event: StoredEvent): void {
    this.recent.push(event);
    this.weight += event.weight;
    this.lastPosition = event.position;
    this.notifyMain = event.notifyMain;
    if (this.recent.length > this.recentMax) {
      const left = this.recent.splice(0, Math.ceil(this.recentMax / 4));
      this.recentAfter = left.at(-1)!.position;
      for (const old of left) this.weight -= old.weight;
    }
  }

  /** Takes an event out of the newest ones: it was not allowed after all, or its time is over. */
  withdraw(event: StoredEvent): void {
    const at = this.recent.findIndex((e) => e.nid === event.nid);
    if (at < 0) return;
    this.weight -= this.recent[at]!.weight;
    this.recent.splice(at, 1);
  }

  /** Replaces an event, after its redaction, wherever it is held. */
  replace(event: StoredEvent): void {
    const at = this.recent.findIndex((e) => e.nid === event.nid);
    if (at >= 0) {
      this.weight += event.weight - this.recent[at]!.weight;
      this.recent[at] = event;
    }
    const slot = event.stateKey === undefined ? undefined : this.state.get(event.type)?.get(event.stateKey);
    if (slot?.event.nid === event.nid) this.putState(event, slot.keyNid);
  }
}
