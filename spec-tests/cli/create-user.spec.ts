import { strict as assert } from 'node:assert';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Homeserver, startHomeserver, surroundings } from '../../src/homeserver.ts';
import { igchat } from '../support/command-line.ts';
import { migratedEngine, type TestEngine } from '../support/engines.ts';

describe('igchat create-user', () => {
  let test: TestEngine;
  let homeserver: Homeserver;
  let file = '';

  before(async () => {
    test = await migratedEngine();
    const options = { password: { memory: '8KB', passes: 1, min_length: 8 } };
    homeserver = await startHomeserver(test.config(options), surroundings(test.config()));
    file = join(test.folder, 'homeserver.yaml');
    const { database, serverName: server_name } = test.config();
    const { engine: name, url } = database;
    const where = { engine: name, ...(url === undefined ? {} : { url }) };
    writeFileSync(file, JSON.stringify({ server_name, data_dir: test.folder, database: where, ...options }));
  });
  after(async () => {
    await homeserver.stop();
    await test.drop();
  });

  const createUser = (args: readonly string[], stdin: string) =>
    igchat(['create-user', ...args, '--config', file], { stdin });

  async function logIn(user: string, password: string): Promise<{ status: number; body: Record<string, unknown> }> {
    const response = await fetch(`${homeserver.urls[0]}/_matrix/client/v3/login`, {
      method: 'POST',
      body: JSON.stringify({ type: 'm.login.password', identifier: { type: 'm.id.user', user }, password }),
    });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  }

  it('makes an account that can log in at the running server', async () => {
    const { code, stdout, stderr } = await createUser(['alice'], 'correct horse\n');
    assert.deepEqual([code, stdout, stderr], [0, 'made @alice:test.example\n', '']);
    const { status, body } = await logIn('alice', 'correct horse');
    assert.equal(status, 200);
    assert.equal(body['user_id'], '@alice:test.example');
  });

  it('makes an administrator', async () => {
    const { stdout } = await createUser(['--admin', '@Root:test.example'], 'correct horse\n');
    assert.equal(stdout, 'made @root:test.example, an administrator\n');
    assert.equal((await homeserver.services.accounts.get('@root:test.example'))?.isAdmin, true);
  });

  it('does not disturb what the running server writes afterwards', async () => {
    await createUser(['bob'], 'correct horse\n');
    const { body } = await logIn('bob', 'correct horse');
    const response = await fetch(`${homeserver.urls[0]}/_matrix/client/v3/createRoom`, {
      method: 'POST',
      headers: { authorization: `Bearer ${body['access_token']}` },
      body: '{}',
    });
    assert.equal(response.status, 200);
  });

  it('refuses a name that is taken', async () => {
    const { code, stdout, stderr } = await createUser(['alice'], 'correct horse\n');
    assert.equal(code, 1);
    assert.equal(stdout, '');
    assert.match(stderr, /^igchat: .*\n$/);
  });

  it('refuses a password that is too short, without repeating it', async () => {
    const { code, stderr } = await createUser(['dave'], 'pw\n');
    assert.equal(code, 1);
    assert.match(stderr, /^igchat: .*8 characters.*\n$/);
    assert.ok(!stderr.includes('pw'));
  });

  it('wants a password', async () => {
    const { code, stderr } = await createUser(['dave'], '');
    assert.equal(code, 2);
    assert.equal(stderr, 'igchat: expected a password on standard input\n');
  });

  it('never takes a password as an argument', async () => {
    const { code } = await createUser(['dave', 'correct horse'], '');
    assert.equal(code, 2);
  });
});
