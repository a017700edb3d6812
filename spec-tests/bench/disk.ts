/** How many bytes of database a plain message and a join cost, in rooms of several sizes, on both engines. */
import Database from 'better-sqlite3';
import { Client } from 'pg';
import type { Services } from '../../src/homeserver.ts';
import { transactionKey } from '../../src/services/idempotency.ts';
import { type EngineName, engine } from '../support/engines.ts';
import { TestClock } from '../support/test-clock.ts';
import { openServices } from '../support/test-services.ts';

const MESSAGES = 2_000;
const MEMBERS = [30, 1_001, 10_000];
/** Bytes of database that a message or a join may cost. */
const BAR = 2_048;
const AT_ONCE = 100;
const CREATOR = '@creator:test.example';
const memberId = (i: number) => `@some.member.${i}:test.example`;

interface Size {
  readonly total: number;
  readonly byTable: ReadonlyMap<string, number>;
}

function sqliteSize(path: string): Size {
  const db = new Database(path);
  try {
    db.pragma('wal_checkpoint(TRUNCATE)');
    const rows = db.prepare('select name, sum(pgsize) as bytes from dbstat group by name').all() as {
      name: string;
      bytes: number;
    }[];
    return {
      total: rows.reduce((sum, { bytes }) => sum + bytes, 0),
      byTable: new Map(rows.map(({ name, bytes }) => [name, bytes])),
    };
  } finally {
    db.close();
  }
}

async function postgresSize(url: string): Promise<Size> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query('vacuum');
    const { rows } = await client.query<{ name: string; bytes: string }>(
      `select relname as name, pg_relation_size(oid) as bytes from pg_class
       where relkind in ('r', 'i', 't') and pg_relation_size(oid) > 0 and oid > 16000`,
    );
    return {
      total: rows.reduce((sum, { bytes }) => sum + Number(bytes), 0),
      byTable: new Map(rows.map(({ name, bytes }) => [name, Number(bytes)])),
    };
  } finally {
    await client.end();
  }
}

async function many(count: number, one: (i: number) => Promise<unknown>): Promise<void> {
  for (let i = 0; i < count; i += AT_ONCE) {
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, count - i) }, (_, k) => one(i + k)));
  }
}

function report(what: string, count: number, before: Size, after: Size): void {
  const each = (after.total - before.total) / count;
  console.log(`${what.padEnd(52)} ${each.toFixed(0).padStart(6)} bytes ${each <= BAR ? '' : `  over ${BAR}!`}`);
  const parts = [...after.byTable].map(
    ([name, bytes]) => [name, (bytes - (before.byTable.get(name) ?? 0)) / count] as const,
  );
  const listed = parts.filter(([, bytes]) => bytes >= 5).sort(([, a], [, b]) => b - a);
  console.log(`    ${listed.map(([name, bytes]) => `${name} ${bytes.toFixed(0)}`).join(', ')}`);
}

async function createRoom(services: Services): Promise<string> {
  return services.roomCreation.create(
    { userId: CREATOR, isAdmin: false },
    { preset: 'public_chat', name: 'A room', room_version: '12' },
  );
}

async function measure(name: EngineName): Promise<void> {
  const database = await engine(name);
  const services = await openServices(database, new TestClock());
  const size = async () =>
    name === 'sqlite' ? sqliteSize(database.config().database.path) : postgresSize(database.url!);
  const { timeline } = services;
  for (const members of MEMBERS) {
    const roomId = await createRoom(services);
    const before = await size();
    await many(members - 1, (i) =>
      timeline.send(roomId, {
        type: 'm.room.member',
        sender: memberId(i),
        stateKey: memberId(i),
        content: { membership: 'join', displayname: `Some Member ${i}` },
      }),
    );
    const joined = await size();
    if (members > 1_000) report(`${name}: a join, to ${members} members`, members - 1, before, joined);
    await many(MESSAGES, (i) => {
      const sender = memberId(i % (members - 1));
      const device = { userId: sender, deviceId: 'ABCDEFGHIJ', txnId: `m1767225600000.${i}` };
      const key = transactionKey({ ...device, operation: 'sendMessage', params: [roomId, 'm.room.message'] });
      return timeline.send(
        roomId,
        {
          type: 'm.room.message',
          sender,
          content: { msgtype: 'm.text', body: `This is message number ${i}, of a usual length I think` },
        },
        { transaction: { ...device, key } },
      );
    });
    report(`${name}: a message among ${members} members`, MESSAGES, joined, await size());
  }
  await services.storage.close();
  await database.drop();
}

export async function run(): Promise<void> {
  for (const name of ['sqlite', 'postgres'] as const) await measure(name);
}
