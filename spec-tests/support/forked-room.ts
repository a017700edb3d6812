import type { Pdu, RoomEvent } from '../../src/protocol/events/pdu.ts';
import type { JsonObject } from '../../src/protocol/json.ts';
import { roomVersion } from '../../src/protocol/room-versions/index.ts';
import type { RoomVersionRules } from '../../src/protocol/room-versions/rules.ts';
import { authEventIds } from '../../src/protocol/state-resolution/event-lookup.ts';
import { IndexedChainCover } from '../../src/protocol/state-resolution/indexed-chain-cover.ts';
import { type StateMap, stateMapKeyOf } from '../../src/protocol/state-resolution/state-map.ts';

/** How large a room is. */
export interface ForkedRoomSize {
  /** Events before the branches part. */
  readonly authChain: number;
  /** Users who come and go in it. */
  readonly members: number;
  /** Events on which the branches do not agree. */
  readonly conflicted: number;
}

export const CREATOR = '@creator:bench.example';
export const ADMIN = '@admin:bench.example';

/** A branch of the room: its state, and the ids that the next event refers to. */
interface Branch {
  readonly name: string;
  readonly state: Map<string, string>;
  readonly members: Map<string, string>;
  levels: string;
  joinRules: string;
}

/** A room with a long auth chain, on which two branches disagree. Events are unsigned, and named in order. */
export class ForkedRoom {
  readonly rules: RoomVersionRules;
  readonly events = new Map<string, RoomEvent>();
  readonly cover = new IndexedChainCover();
  readonly stateSets: readonly StateMap[];
  #create = '';

  constructor(version: string, { authChain, members, conflicted }: ForkedRoomSize) {
    this.rules = roomVersion(version) as RoomVersionRules;
    const base: Branch = { name: 'base', state: new Map(), members: new Map(), levels: '', joinRules: '' };
    this.#found(base);
    for (let i = 0; this.events.size < authChain; i++) {
      if (i % 500 === 499) this.#changeLevels(base, i);
      else this.#join(base, `@user${i % members}:bench.example`, i);
    }
    const branches = ['one', 'two'].map((name) => ({
      ...base,
      name,
      state: new Map(base.state),
      members: new Map(base.members),
    }));
    for (const branch of branches) this.#diverge(branch, conflicted / 2);
    this.stateSets = branches.map(({ state }) => state);
  }

  #found(base: Branch): void {
    const creator: JsonObject = this.rules.implicitRoomCreator ? {} : { creator: CREATOR };
    const content = { ...creator, room_version: this.rules.version };
    this.#create = this.#add(base, 'm.room.create', '', CREATOR, content, []);
    base.members.set(CREATOR, this.#add(base, 'm.room.member', CREATOR, CREATOR, { membership: 'join' }, []));
    this.#changeLevels(base, 0, CREATOR);
    base.joinRules = this.#add(base, 'm.room.join_rules', '', CREATOR, { join_rule: 'public' }, [
      base.levels,
      base.members.get(CREATOR),
    ]);
    this.#join(base, ADMIN, 0);
  }

  /** In each branch everybody gets another name, some are kicked by the admin, and power levels change at times. */
  #diverge(branch: Branch, events: number): void {
    for (let i = 0; i < events; i++) {
      const user = `@user${i}:bench.example`;
      if (i % 200 === 199) this.#changeLevels(branch, i);
      this.#join(branch, user, i);
      if (i % 10 === 0) this.#kick(branch, user);
    }
  }

  #join(branch: Branch, user: string, i: number): void {
    const content = { membership: 'join', displayname: `${branch.name} ${i}` };
    const auth = [branch.levels, branch.joinRules, branch.members.get(user)];
    branch.members.set(user, this.#add(branch, 'm.room.member', user, user, content, auth));
  }

  #kick(branch: Branch, user: string): void {
    const auth = [branch.levels, branch.members.get(ADMIN), branch.members.get(user)];
    branch.members.set(user, this.#add(branch, 'm.room.member', user, ADMIN, { membership: 'leave' }, auth));
  }

  #changeLevels(branch: Branch, i: number, sender = ADMIN): void {
    const auth = [branch.levels, branch.members.get(sender)];
    const content = { users: { [ADMIN]: 100 }, events: { [`bench.example.${i % 7}`]: i } };
    branch.levels = this.#add(branch, 'm.room.power_levels', '', sender, content, auth);
  }

  #add(branch: Branch, type: string, key: string, sender: string, content: JsonObject, auth: (string | undefined)[]) {
    const eventId = `$event${this.events.size}`;
    const named = auth.filter((id) => id !== undefined && id !== '') as string[];
    if (this.#create !== '' && !this.rules.createEventImpliedInAuthEvents) named.push(this.#create);
    const pdu: Pdu = {
      type,
      sender,
      state_key: key,
      content,
      origin_server_ts: 1_700_000_000_000 + ((this.events.size * 7919) % 100_003),
      depth: this.events.size,
      auth_events: named,
      prev_events: type === 'm.room.create' ? [] : [`$event${this.events.size - 1}`],
      hashes: { sha256: '' },
      signatures: {},
    };
    if (type !== 'm.room.create' || !this.rules.roomIdIsCreateHash) pdu.room_id = '!event0';
    this.events.set(eventId, { eventId, pdu });
    this.cover.add(eventId, stateMapKeyOf(pdu), authEventIds(pdu));
    branch.state.set(stateMapKeyOf(pdu), eventId);
    return eventId;
  }
}
