import { authEventKeys } from '../../src/protocol/authorization/auth-event-keys.ts';
import { buildEvent } from '../../src/protocol/events/build-event.ts';
import { referenceTo } from '../../src/protocol/events/event-reference.ts';
import type { EventReference, Pdu } from '../../src/protocol/events/pdu.ts';
import type { JsonObject } from '../../src/protocol/json.ts';
import { roomVersion } from '../../src/protocol/room-versions/index.ts';
import type { RoomVersionRules } from '../../src/protocol/room-versions/rules.ts';
import { type SigningKey, signingKeyFromSeed } from '../../src/protocol/signing/signing-key.ts';
import { verifyKeyFromBase64 } from '../../src/protocol/signing/verify-key.ts';
import type { KeysOfServers } from '../../src/services/timeline/receive-pdu/check-signatures.ts';
import type { Room } from '../../src/services/timeline/room.ts';
import type { SignedEvent } from '../../src/services/timeline/stored-event.ts';

/** Another server, as far as it signs events. */
export class RemoteServer {
  readonly name: string;
  readonly key: SigningKey;

  constructor(name: string, seed = 1, keyVersion = `a_${seed}`) {
    this.name = name;
    this.key = signingKeyFromSeed(Buffer.alloc(32, seed), keyVersion);
  }

  user(localpart: string): string {
    return `@${localpart}:${this.name}`;
  }
}

/** Knows the keys of these servers and of no others. */
export function keysOf(...servers: readonly { readonly name: string; readonly key: SigningKey }[]): KeysOfServers {
  return {
    lookup: () =>
      Promise.resolve((name, keyId) => {
        const server = servers.find((one) => one.name === name && one.key.keyId === keyId);
        const key = server && verifyKeyFromBase64(server.key.publicKey);
        return key && { key, validUntilTs: Number.MAX_SAFE_INTEGER };
      }),
  };
}

export interface RemoteDraft {
  readonly type: string;
  readonly content: JsonObject;
  readonly stateKey?: string;
  readonly redacts?: string;
  readonly ts?: number;
  /** Other auth events than those that the state gives. */
  readonly authEvents?: readonly string[];
  readonly prevEvents?: readonly string[];
  readonly depth?: number;
}

const keyOf = (type: string, stateKey: string) => JSON.stringify([type, stateKey]);

/**
 * A branch of a room's history on which other servers make events, one after the other, each allowed by the state of the
 * branch. Clones go on from the same place.
 */
export class Branch {
  prev: readonly string[];
  depth: number;
  readonly state: Map<string, string>;
  /** Made on this branch. */
  readonly events: SignedEvent[] = [];
  private before: readonly SignedEvent[] = [];
  /** How events are named, by their ids; those that are not here by the id alone. */
  private readonly references: Map<string, EventReference>;
  private static now = 1_700_000_000_000;

  constructor(
    readonly roomId: string,
    readonly rules: RoomVersionRules,
    at: { readonly prev: readonly string[]; readonly depth: number; readonly state: ReadonlyMap<string, string> },
    references: ReadonlyMap<string, EventReference> = new Map(),
  ) {
    this.prev = at.prev;
    this.depth = at.depth;
    this.state = new Map(at.state);
    this.references = new Map(references);
  }

  /** From the present head of a room. */
  static of(room: Room): Branch {
    const { extremities } = room.decided;
    const state = new Map<string, string>();
    const references = new Map(extremities.map(({ eventId, reference }) => [eventId, reference]));
    for (const event of room.stateEvents()) {
      state.set(keyOf(event.type, event.stateKey!), event.eventId);
      references.set(event.eventId, referenceTo(event, room.rules));
    }
    const prev = extremities.map(({ eventId }) => eventId);
    const depth = Math.max(0, ...extremities.map((end) => end.depth));
    return new Branch(room.id, room.rules, { prev, depth, state }, references);
  }

  /** A public room that a user of the server has made. */
  static found(server: RemoteServer, creator: string, version = '12', levels: JsonObject = {}): Branch {
    const rules = roomVersion(version)!;
    const content = rules.implicitRoomCreator ? { room_version: version } : { room_version: version, creator };
    Branch.now += 1;
    const chosen = rules.roomIdIsCreateHash ? {} : { room_id: `!room${Branch.now}:${server.name}` };
    const { eventId, roomId, pdu, json } = buildEvent(
      {
        ...{
          type: 'm.room.create',
          sender: creator,
          content,
          state_key: '',
          depth: 1,
          prev_events: [],
          auth_events: [],
        },
        ...chosen,
        origin_server_ts: Branch.now,
      },
      rules,
      { serverName: server.name, key: server.key },
    );
    const state = new Map([[keyOf('m.room.create', ''), eventId]]);
    const branch = new Branch(roomId, rules, { prev: [eventId], depth: 1, state });
    branch.references.set(eventId, referenceTo({ eventId, pdu }, rules));
    branch.events.push({ eventId, pdu, json });
    branch.join(server, creator);
    const users: JsonObject = rules.privilegedCreators ? {} : { [creator]: 100 };
    const set = (type: string, value: JsonObject) =>
      branch.add(server, creator, { type, stateKey: '', content: value });
    set('m.room.power_levels', { users, ...levels });
    set('m.room.join_rules', { join_rule: 'public' });
    set('m.room.history_visibility', { history_visibility: 'shared' });
    return branch;
  }

  /** The events of the branch's present state. */
  stateEvents(): SignedEvent[] {
    const ids = new Set(this.state.values());
    return this.all.filter(({ eventId }) => ids.has(eventId));
  }

  clone(): Branch {
    const copy = new Branch(this.roomId, this.rules, this, this.references);
    copy.before = this.all;
    return copy;
  }

  /** Made on this branch and those that it came from. */
  get all(): SignedEvent[] {
    return [...this.before, ...this.events];
  }

  /** Makes the next event of the branch. */
  add(server: RemoteServer, sender: string, draft: RemoteDraft): SignedEvent {
    const event = this.make(server, sender, draft);
    this.prev = [event.eventId];
    this.depth = event.pdu.depth;
    if (draft.stateKey !== undefined) this.state.set(keyOf(draft.type, draft.stateKey), event.eventId);
    this.events.push(event);
    return event;
  }

  /** Makes an event here and does not go on from it. */
  make(server: RemoteServer, sender: string, draft: RemoteDraft): SignedEvent {
    Branch.now += 1;
    const base = {
      type: draft.type,
      sender,
      room_id: this.roomId,
      content: draft.content,
      ...(draft.stateKey === undefined ? {} : { state_key: draft.stateKey }),
      ...(draft.redacts === undefined ? {} : { redacts: draft.redacts }),
      origin_server_ts: draft.ts ?? Branch.now,
      depth: draft.depth ?? this.depth + 1,
      prev_events: (draft.prevEvents ?? this.prev).map((id) => this.references.get(id) ?? id),
    };
    const selected = authEventKeys(this.rules, base as unknown as Pdu).flatMap(
      ([type, key]) => this.state.get(keyOf(type, key)) ?? [],
    );
    const auth_events = (draft.authEvents ?? selected).map((id) => this.references.get(id) ?? id);
    const prototype = { ...base, auth_events };
    const { eventId, pdu, json } = buildEvent(prototype, this.rules, { serverName: server.name, key: server.key });
    this.references.set(eventId, referenceTo({ eventId, pdu }, this.rules));
    return { eventId, pdu, json };
  }

  join(server: RemoteServer, user: string): SignedEvent {
    return this.add(server, user, { type: 'm.room.member', stateKey: user, content: { membership: 'join' } });
  }

  say(server: RemoteServer, user: string, body: string): SignedEvent {
    return this.add(server, user, { type: 'm.room.message', content: { msgtype: 'm.text', body } });
  }
}

/** The PDU as it comes over the wire. */
export function wire(event: SignedEvent): JsonObject {
  return JSON.parse(event.json) as JsonObject;
}
