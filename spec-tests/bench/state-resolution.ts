import type { Pdu, RoomEvent } from '../../src/protocol/events/pdu.ts';
import type { JsonObject } from '../../src/protocol/json.ts';
import { roomVersion } from '../../src/protocol/room-versions/index.ts';
import type { RoomVersionRules } from '../../src/protocol/room-versions/rules.ts';
import { authEventIds } from '../../src/protocol/state-resolution/event-lookup.ts';
import { fullConflictedSet } from '../../src/protocol/state-resolution/full-conflicted-set.ts';
import { Gathering } from '../../src/protocol/state-resolution/gathering.ts';
import { IndexedChainCover } from '../../src/protocol/state-resolution/indexed-chain-cover.ts';
import { type Conflict, resolveConflicts } from '../../src/protocol/state-resolution/resolve.ts';
import { splitConflicted } from '../../src/protocol/state-resolution/split-conflicted.ts';
import { type StateMap, stateMapKeyOf } from '../../src/protocol/state-resolution/state-map.ts';

const SIZES = [10_000, 20_000] as const;
const AUTH_CHAIN = 50_000;
const MEMBERS = 5_000;
const RUNS = 15;
const CREATOR = '@creator:bench.example';
const ADMIN = '@admin:bench.example';

/** A branch of the room: its state, and the ids that the next event refers to. */
interface Branch {
  readonly name: string;
  readonly state: Map<string, string>;
  readonly members: Map<string, string>;
  levels: string;
  joinRules: string;
}

/** A room with an auth chain of `AUTH_CHAIN` events on which two branches disagree about `conflicted` events. */
class ForkedRoom {
  readonly rules: RoomVersionRules;
  readonly events = new Map<string, RoomEvent>();
  readonly cover = new IndexedChainCover();
  readonly stateSets: readonly StateMap[];
  #create = '';

  constructor(version: string, conflicted: number) {
    this.rules = roomVersion(version) as RoomVersionRules;
    const base: Branch = { name: 'base', state: new Map(), members: new Map(), levels: '', joinRules: '' };
    this.#found(base);
    for (let i = 0; this.events.size < AUTH_CHAIN; i++) {
      if (i % 500 === 499) this.#changeLevels(base, i);
      else this.#join(base, `@user${i % MEMBERS}:bench.example`, i);
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

interface Times {
  readonly [step: string]: number;
}

/** Milliseconds of each step, in the order in which a worker goes through them. */
function resolveOnce({ rules, stateSets, cover, events: database }: ForkedRoom): { times: Times; sizes: string } {
  const times: Record<string, number> = {};
  const timed = <T>(step: string, work: () => T): T => {
    const start = performance.now();
    const result = work();
    times[step] = performance.now() - start;
    return result;
  };
  const { unconflicted, conflicted } = timed('split', () => splitConflicted(rules, stateSets));
  const full = timed('full conflicted set', () => fullConflictedSet(rules, conflicted, stateSets, cover));
  const conflict = { unconflicted, fullConflictedSet: full };
  const events = timed('gather', () => gather(rules, conflict, database));
  const changes = timed('resolve', () => resolveConflicts(rules, conflict, events));
  times['total'] = Object.values(times).reduce((sum, ms) => sum + ms, 0);
  const sizes = `${conflicted.size} conflicted, ${full.size} in the full set, ${events.size} events read, ${changes.size} entries resolved`;
  return { times, sizes };
}

function gather(rules: RoomVersionRules, conflict: Conflict, database: ReadonlyMap<string, RoomEvent>): Gathering {
  const gathering = new Gathering(rules, conflict);
  while (gathering.missing.size > 0) {
    for (const id of [...gathering.missing]) gathering.add(database.get(id) as RoomEvent);
  }
  return gathering;
}

/** For each room and step, the fastest of several runs. The rooms take turns, to share what else the machine does. */
function measure(rooms: readonly ForkedRoom[]): { best: Times; sizes: string; room: ForkedRoom }[] {
  const results = rooms.map((room) => ({ room, best: {} as Record<string, number>, sizes: '' }));
  for (let i = 0; i < RUNS; i++) {
    for (const result of results) {
      const { times, sizes } = resolveOnce(result.room);
      result.sizes = sizes;
      for (const [step, ms] of Object.entries(times)) result.best[step] = Math.min(ms, result.best[step] ?? ms);
    }
  }
  return results;
}

/** Conflicts of 10,000 and of 20,000 events over auth chains of 50,000, with each of the algorithms. */
export async function run(): Promise<void> {
  for (const version of ['1', '11', '12']) {
    const [small, large] = measure(SIZES.map((size) => new ForkedRoom(version, size)));
    if (!small || !large) continue;
    const { stateResolution } = large.room.rules;
    console.log(`state resolution ${stateResolution}, auth chains of ${AUTH_CHAIN.toLocaleString('en')} events`);
    for (const { sizes, room } of [small, large]) {
      console.log(`  ${sizes}; ${room.cover.cover.chainCount} chains, ${room.cover.cover.linkCount} links`);
    }
    console.log(`  ${''.padEnd(22)} ${SIZES.map((size) => size.toLocaleString('en').padStart(10)).join('')}     times`);
    for (const [step, ms] of Object.entries(small.best)) {
      const more = large.best[step] ?? 0;
      const columns = [ms, more].map((value) => `${value.toFixed(1)} ms`.padStart(10)).join('');
      console.log(`  ${step.padEnd(22)} ${columns} ${(more / ms).toFixed(2).padStart(9)}`);
    }
  }
}
