/** Searching 100,000 messages: how long the index takes, what it weighs, and how long single searches take. */
import Database from 'better-sqlite3';
import { Client } from 'pg';
import type { Services } from '../../src/homeserver.ts';
import { compileRoomEventFilter } from '../../src/services/filters/compiled-filter.ts';
import { type EngineName, engine, type TestEngine } from '../support/engines.ts';
import { TestClock } from '../support/test-clock.ts';
import { openServices } from '../support/test-services.ts';

const MESSAGES = 100_000;
const ROOMS = 20;
const AT_ONCE = 200;
const RUNS = 20;
const USER = '@searcher:test.example';
const SYLLABLES = ['ka', 'lo', 'mi', 'ren', 'sto', 'ta', 'vu', 'wen', 'xi', 'zar', 'bel', 'dor', 'fin', 'gul'];

/** The n-th word of a language in which some words are said far more often than others. */
function word(n: number): string {
  const base = SYLLABLES.length;
  return `${SYLLABLES[n % base]}${SYLLABLES[Math.floor(n / base) % base]}${SYLLABLES[Math.floor(n / base ** 2) % base]}`;
}

/** Message `i`, always the same: about ten words, the common ones in most. */
function message(i: number): string {
  let state = (i * 2_654_435_761) % 4_294_967_296;
  const words: string[] = [];
  for (let k = 0; k < 10; k++) {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    words.push(word(Math.floor((state / 4_294_967_296) ** 3 * 2_700)));
  }
  return words.join(' ');
}

async function fill(services: Services): Promise<string[]> {
  const creator = { userId: USER, isAdmin: false };
  const rooms: string[] = [];
  for (let i = 0; i < ROOMS; i++) rooms.push(await services.roomCreation.create(creator, { preset: 'public_chat' }));
  for (let i = 0; i < MESSAGES; i += AT_ONCE) {
    const batch = Array.from({ length: AT_ONCE }, (_, k) => i + k);
    await Promise.all(
      batch.map((n) =>
        services.timeline.send(rooms[n % ROOMS]!, {
          type: 'm.room.message',
          sender: USER,
          content: { msgtype: 'm.text', body: message(n) },
        }),
      ),
    );
  }
  return rooms;
}

async function indexAll(services: Services): Promise<number> {
  const from = performance.now();
  const left = () => services.storage.readHeavy((tx) => tx.search.roomsBehind(1));
  while ((await left()).length > 0) await services.searchIndex.run();
  return performance.now() - from;
}

async function indexBytes(database: TestEngine): Promise<number> {
  if (database.url === undefined) {
    const db = new Database(database.config().database.path, { readonly: true });
    const bytes = db.prepare("select sum(pgsize) from dbstat where name like 'search%'").pluck().get() as number;
    db.close();
    return bytes;
  }
  const client = new Client({ connectionString: database.url });
  await client.connect();
  const { rows } = await client.query<{ bytes: string }>(
    `select sum(pg_total_relation_size(oid)) as bytes from pg_class where relkind = 'r' and relname like 'search%'`,
  );
  await client.end();
  return Number(rows[0]!.bytes);
}

async function measure(name: EngineName): Promise<void> {
  const database = await engine(name);
  const services = await openServices(database, new TestClock());
  const rooms = await fill(services);
  const took = await indexAll(services);
  const bytes = (await indexBytes(database)) / MESSAGES;
  console.log(`${name}: indexing ${MESSAGES} messages ${took.toFixed(0)} ms, ${bytes.toFixed(0)} bytes a message`);
  const searches: [what: string, term: string, order: 'rank' | 'recent', rooms: readonly string[] | undefined][] = [
    ['a word that few say, by rank', word(2_500), 'rank', undefined],
    ['a word that most say, by rank', word(0), 'rank', undefined],
    ['a word that most say, newest first', word(0), 'recent', undefined],
    ['the same in one room', word(0), 'recent', rooms.slice(0, 1)],
    ['two words', `${word(3)} ${word(40)}`, 'rank', undefined],
    ['a beginning', word(700).slice(0, 4), 'rank', undefined],
  ];
  for (const [what, term, order, only] of searches) {
    const filter = compileRoomEventFilter(only ? { rooms: only } : {});
    const choice = { keys: [0, 1, 2] as const, context: undefined, includeState: false, groupBy: [] };
    const times: number[] = [];
    let count = 0;
    for (let run = 0; run < RUNS; run++) {
      const from = performance.now();
      const request = { term, filter, order, nextBatch: undefined, ...choice };
      count = JSON.parse(await services.messageSearch.search({ userId: USER }, request)).search_categories.room_events
        .count;
      times.push(performance.now() - from);
    }
    times.sort((a, b) => a - b);
    const [median, worst] = [times[RUNS / 2]!, times.at(-1)!];
    console.log(
      `  ${what.padEnd(40)} ${String(count).padStart(6)} hits ${median.toFixed(1).padStart(8)} ms, worst ${worst.toFixed(1)}`,
    );
  }
  await services.storage.close();
  await database.drop();
}

export async function run(): Promise<void> {
  for (const name of ['sqlite', 'postgres'] as const) await measure(name);
}
