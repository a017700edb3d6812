import { authEventKeys } from '../../../src/protocol/authorization/auth-event-keys.ts';
import { authorize } from '../../../src/protocol/authorization/authorize.ts';
import type { Pdu, RoomEvent, StateView } from '../../../src/protocol/events/pdu.ts';
import type { JsonObject } from '../../../src/protocol/json.ts';
import type { RoomVersionRules } from '../../../src/protocol/room-versions/rules.ts';
import { WalkedAuthChains } from '../../../src/protocol/state-resolution/auth-chains.ts';
import { authEventIds } from '../../../src/protocol/state-resolution/event-lookup.ts';
import { IndexedChainCover } from '../../../src/protocol/state-resolution/indexed-chain-cover.ts';
import { resolve } from '../../../src/protocol/state-resolution/resolve.ts';
import { type StateMap, stateMapKey, stateMapKeyOf } from '../../../src/protocol/state-resolution/state-map.ts';
import { rulesOf } from '../authorization/room-state.ts';

/** An event of a history. Ids are names here; the room makes event ids of them. */
export interface HistoryEvent {
  readonly id: string;
  readonly sender: string;
  readonly type: string;
  readonly stateKey?: string;
  readonly content: JsonObject;
  /** Names of the previous events; the event before in the list if absent. */
  readonly after?: readonly string[];
  /** Milliseconds; a second for each event if absent. */
  readonly ts?: number;
  /** One more than that of the previous events if absent. */
  readonly depth?: number;
}

/** A room whose events are made one after the other, each on top of the state that its branches resolve to. */
export class RoomHistory {
  readonly rules: RoomVersionRules;
  readonly events = new Map<string, RoomEvent>();
  readonly cover = new IndexedChainCover();
  readonly names: string[] = [];
  readonly #states = new Map<string, StateMap>();

  constructor(version: string) {
    this.rules = rulesOf(version);
  }

  get authChains(): WalkedAuthChains {
    return new WalkedAuthChains(this.events);
  }

  /** Adds an event if the state before it allows it. */
  addIfAllowed(event: HistoryEvent): boolean {
    const { made, before } = this.#make(event);
    const allowed = authorize(this.rules, made, this.#viewOf(before)).allowed;
    if (allowed) this.#keep(event.id, made, before);
    return allowed;
  }

  /** The state after the event of this name. */
  stateAfter(name: string): StateMap {
    const state = this.#states.get(name);
    if (!state) throw new Error(`No event is called ${name}`);
    return state;
  }

  event(name: string): RoomEvent {
    const event = this.events.get(this.eventId(name));
    if (!event) throw new Error(`No event is called ${name}`);
    return event;
  }

  eventId(name: string): string {
    return `$${name}:a.test`;
  }

  nameOf(eventId: string | undefined): string | null {
    return eventId?.slice(1, -':a.test'.length) ?? null;
  }

  /** Names of events that no other event follows. */
  get tips(): string[] {
    const followed = new Set([...this.events.values()].flatMap(({ pdu }) => pdu.prev_events));
    return this.names.filter((name) => !followed.has(this.eventId(name)));
  }

  #make(event: HistoryEvent): { made: RoomEvent; before: StateMap } {
    const { type, sender, stateKey } = event;
    const previous = event.after ?? this.names.slice(-1);
    const before = this.#stateBefore(previous);
    const pdu: Pdu = {
      type,
      sender,
      content: this.#contentOf(event),
      origin_server_ts: event.ts ?? 1000 * (this.names.length + 1),
      depth: event.depth ?? 1 + Math.max(0, ...previous.map((name) => this.event(name).pdu.depth)),
      auth_events: [],
      prev_events: previous.map((name) => this.eventId(name)),
      hashes: { sha256: '' },
      signatures: {},
    };
    if (stateKey !== undefined) pdu.state_key = stateKey;
    if (type !== 'm.room.create' || !this.rules.roomIdIsCreateHash) pdu.room_id = this.#roomId;
    pdu.auth_events = authEventKeys(this.rules, pdu).flatMap((key) => before.get(stateMapKey(...key)) ?? []);
    return { made: { eventId: this.eventId(event.id), pdu }, before };
  }

  #keep(name: string, made: RoomEvent, before: StateMap): void {
    const { eventId, pdu } = made;
    this.names.push(name);
    this.events.set(eventId, made);
    if (pdu.state_key === undefined) {
      this.#states.set(name, before);
    } else {
      this.#states.set(name, new Map([...before, [stateMapKeyOf(pdu), eventId]]));
      this.cover.add(eventId, stateMapKeyOf(pdu), authEventIds(pdu));
    }
  }

  #stateBefore(previous: readonly string[]): StateMap {
    const stateSets = previous.map((name) => this.stateAfter(name));
    return resolve({ rules: this.rules, stateSets, authChains: this.cover, events: this.events });
  }

  /** What room versions want in their own way: the creator's name, and creators without a level of their own. */
  #contentOf({ type, sender, content }: HistoryEvent): JsonObject {
    if (type === 'm.room.create') {
      const creator: JsonObject = this.rules.implicitRoomCreator ? {} : { creator: sender };
      return { ...content, ...creator, room_version: this.rules.version };
    }
    if (type !== 'm.room.power_levels' || !this.rules.privilegedCreators) return content;
    const creator = this.event(this.names[0] ?? '').pdu.sender;
    const users = Object.entries((content['users'] ?? {}) as JsonObject).filter(([user]) => user !== creator);
    return { ...content, users: Object.fromEntries(users) };
  }

  get #roomId(): string {
    return this.rules.roomIdIsCreateHash ? `!${this.names[0]}:a.test` : '!room:a.test';
  }

  #viewOf(state: StateMap): StateView {
    return {
      get: (type, stateKey) => {
        const eventId = state.get(stateMapKey(type, stateKey));
        return eventId === undefined ? undefined : this.events.get(eventId);
      },
    };
  }
}
