/**
 * Conflicts of 10,000 and of 20,000 events over auth chains of 50,000: the steps of each algorithm in memory, and the
 * whole of it as a server goes through it, from the database and in a thread of its own, with what that means for others.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { RoomEvent } from '../../src/protocol/events/pdu.ts';
import type { RoomVersionRules } from '../../src/protocol/room-versions/rules.ts';
import { fullConflictedSet } from '../../src/protocol/state-resolution/full-conflicted-set.ts';
import { Gathering } from '../../src/protocol/state-resolution/gathering.ts';
import { type Conflict, resolveConflicts } from '../../src/protocol/state-resolution/resolve.ts';
import { splitConflicted } from '../../src/protocol/state-resolution/split-conflicted.ts';
import { ForkedRoom } from '../support/forked-room.ts';
import { StoredForkedRoom } from '../support/stored-forked-room.ts';

const SIZES = [10_000, 20_000] as const;
const VERSIONS = ['1', '11', '12'];
const AUTH_CHAIN = 50_000;
const MEMBERS = 5_000;
const RUNS = 9;

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

/** From the database, in the thread; and the longest that others waited meanwhile. */
async function resolveStored(
  stored: StoredForkedRoom,
  step: string,
  work: () => Promise<unknown> = () => stored.resolve(),
): Promise<Times> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const [start, cpu] = [performance.now(), process.cpuUsage()];
  await work();
  const took = performance.now() - start;
  const { user, system } = process.cpuUsage(cpu);
  await new Promise((resolve) => setTimeout(resolve, 20));
  delay.disable();
  return { [step]: took, [`${step}: CPU`]: (user + system) / 1_000, [`${step}: longest stall`]: delay.max / 1e6 };
}

/** The fastest of several runs. The rooms take turns, to share what else the machine does. */
async function measure(rooms: readonly ForkedRoom[]): Promise<{ best: Times; sizes: string }[]> {
  const results = rooms.map(() => ({ best: {} as Record<string, number>, sizes: '' }));
  const keep = (i: number, times: Times) => {
    const { best } = results[i]!;
    for (const [step, ms] of Object.entries(times)) best[step] = Math.min(ms, best[step] ?? ms);
  };
  for (let run = 0; run < RUNS; run++) {
    for (const [i, room] of rooms.entries()) {
      const { times, sizes } = resolveOnce(room);
      results[i]!.sizes = sizes;
      keep(i, times);
    }
  }
  const stored: StoredForkedRoom[] = [];
  for (const room of rooms) stored.push(await StoredForkedRoom.write(room));
  for (const [i, one] of stored.entries()) keep(i, await resolveStored(one, 'stored, without cover'));
  for (let run = 0; run < RUNS; run++) {
    for (const [i, one] of stored.entries()) keep(i, await resolveStored(one, 'stored, with cover'));
  }
  for (const [i, one] of stored.entries()) {
    keep(i, await resolveStored(one, 'stored, an event that merges', () => one.merge()));
    await one.remove();
  }
  return results;
}

export async function run(): Promise<void> {
  for (const version of VERSIONS) {
    const rooms = SIZES.map((conflicted) => {
      return new ForkedRoom(version, { authChain: AUTH_CHAIN, members: MEMBERS, conflicted });
    });
    const results = await measure(rooms);
    const { stateResolution } = rooms[0]!.rules;
    console.log(`state resolution ${stateResolution}, auth chains of ${AUTH_CHAIN.toLocaleString('en')} events`);
    for (const [i, { cover }] of rooms.entries()) {
      console.log(`  ${results[i]!.sizes}; ${cover.cover.chainCount} chains, ${cover.cover.linkCount} links`);
    }
    console.log(`  ${''.padEnd(36)} ${SIZES.map((size) => size.toLocaleString('en').padStart(10)).join('')}     times`);
    const [small, large] = results;
    for (const [step, ms] of Object.entries(small!.best)) {
      const more = large!.best[step] ?? 0;
      const columns = [ms, more].map((value) => `${value.toFixed(1)} ms`.padStart(10)).join('');
      console.log(`  ${step.padEnd(36)} ${columns} ${(more / ms).toFixed(2).padStart(9)}`);
    }
  }
}
