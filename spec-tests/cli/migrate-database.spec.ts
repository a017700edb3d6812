import { strict as assert } from 'node:assert';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import pg from 'pg';
import { migrateToPostgres } from '../../src/storage/transfer/migrate-to-postgres.ts';
import { igchat } from '../support/command-line.ts';
import { writeConfiguration } from '../support/configuration-file.ts';
import { engine, engineName, type TestEngine } from '../support/engines.ts';
import { startTestHomeserver, type TestHomeserver, type TestUser } from '../support/test-homeserver.ts';

const MESSAGES = 30;

// It needs both engines: it is there in the run on PostgreSQL.
if (engineName() === 'postgres') describe('igchat migrate-database', migrateDatabase);

function migrateDatabase(): void {
  let source: TestEngine;
  let target: TestEngine;
  let alice: TestUser;
  let roomId = '';
  let path = '';
  let url = '';
  let file = '';

  before(async () => {
    source = await engine('sqlite');
    target = await engine('postgres');
    const server = await startTestHomeserver({}, source);
    alice = await server.register('alice');
    roomId = (await alice.ask('POST', '/v3/createRoom', { preset: 'private_chat' })).body.room_id;
    for (let i = 0; i < MESSAGES; i++) {
      await alice.ask('PUT', `/v3/rooms/${roomId}/send/m.room.message/${i}`, { msgtype: 'm.text', body: `${i}` });
    }
    await server.homeserver.stop();
    path = source.config().database.path;
    url = target.url ?? '';
    // Enough rows for several pages, with a key of bytes.
    const db = new Database(path);
    const insert = db.prepare('insert into login_tokens (token_hash, user_id, expires_at) values (?, ?, ?)');
    db.transaction(() => {
      for (let i = 0; i < 2500; i++) insert.run(Buffer.from(`token ${i}`), alice.userId, 4e12);
    })();
    db.close();
    file = writeConfiguration(target, { database: { engine: 'sqlite', path, url } });
  });
  after(async () => {
    await source.drop();
    await target.drop();
  });

  async function countInTarget(sql: string): Promise<number> {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    const { rows } = await client.query<{ n: string }>(sql);
    await client.end();
    return Number(rows[0]?.n);
  }

  it('says which option is missing', async () => {
    const lacking = writeConfiguration(source, {}, 'lacking.yaml');
    const { code, stderr } = await igchat(['migrate-database', '--config', lacking]);
    assert.equal(code, 78);
    assert.match(stderr, /^igchat: set database\.url /);
  });

  it('refuses while the server runs', async () => {
    const server = await startTestHomeserver({}, source);
    const { code, stderr } = await igchat(['migrate-database', '--config', file]);
    await server.homeserver.stop();
    assert.equal(code, 1);
    assert.match(stderr, /is in use by another iGChat server/);
  });

  it('stops in the middle without harm', async () => {
    const interrupted = migrateToPostgres(path, url, (table, rows) => {
      if (table === 'login_tokens' && rows >= 1000) throw new Error('interrupted');
    });
    await assert.rejects(interrupted, /interrupted/);
    assert.equal(await countInTarget('select count(*) as n from login_tokens'), 1000);
  });

  it('keeps a server from a database that is not complete', async () => {
    await assert.rejects(startTestHomeserver({}, target), /a copy that has not finished/);
  });

  it('goes on where it stopped, and counts the rows on both sides', async () => {
    const { code, stdout, stderr } = await igchat(['migrate-database', '--config', file]);
    assert.equal(code, 0, stderr);
    assert.match(stderr, /^login_tokens: 2500$/m);
    assert.match(stdout, /^copied \d+ rows in \d+ tables; the rows of each were counted on both sides\n/);
    assert.match(stdout, /Now set database\.engine to postgres in /);
    assert.equal(await countInTarget('select count(*) as n from login_tokens'), 2500);
  });

  it('does not write into a database that is in use', async () => {
    const { code, stderr } = await igchat(['migrate-database', '--config', file]);
    assert.equal(code, 1);
    assert.match(stderr, /^igchat: the PostgreSQL database is not empty: its table \w+ has rows\n/m);
  });

  it('leaves a database with which the server goes on', async () => {
    rmSync(join(target.folder, 'signing.key'), { force: true });
    const server: TestHomeserver = await startTestHomeserver({}, target);
    const ask = (method: string, where: string, body?: unknown) =>
      server.ask(method, where, { token: alice.accessToken, ...(body === undefined ? {} : { body }) });
    const { body } = await ask('GET', `/v3/rooms/${roomId}/messages?dir=b&limit=100`);
    const texts = body.chunk.flatMap((event: { content: { body?: string } }) => event.content.body ?? []);
    assert.equal(texts.length, MESSAGES);
    const sent = await ask('PUT', `/v3/rooms/${roomId}/send/m.room.message/new`, { msgtype: 'm.text', body: 'new' });
    await server.homeserver.stop();
    assert.equal(sent.status, 200);
  });
}
