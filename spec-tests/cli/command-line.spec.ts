import { strict as assert } from 'node:assert';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseConfig } from '../../src/config/load.ts';
import { parseSigningKey } from '../../src/protocol/signing/signing-key.ts';
import { igchat } from '../support/command-line.ts';
import { writeConfiguration } from '../support/configuration-file.ts';
import { engine } from '../support/engines.ts';
import { startTestHomeserver } from '../support/test-homeserver.ts';

const COMMANDS = [
  ...['start', 'check-config', 'generate-config', 'generate-signing-key', 'create-user', 'backup', 'restore'],
  ...['migrate-database', 'version', 'live-gateway'],
];

describe('The command line', () => {
  let folder = '';
  const at = (name: string) => join(folder, name);

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'igchat-cli-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('lists its commands', async () => {
    const { code, stdout } = await igchat(['--help']);
    assert.equal(code, 0);
    for (const command of COMMANDS) assert.match(stdout, new RegExp(`^  ${command} `, 'm'));
  });

  for (const command of COMMANDS) {
    it(`explains ${command}`, async () => {
      const { code, stdout, stderr } = await igchat([command, '--help']);
      assert.equal(code, 0);
      assert.match(stdout, new RegExp(`^Usage: igchat ${command} `));
      assert.equal(stderr, '');
    });
  }

  it('ends with 2 and the nearest name after a command that does not exist', async () => {
    const { code, stdout, stderr } = await igchat(['strat']);
    assert.equal(code, 2);
    assert.equal(stdout, '');
    assert.match(stderr, /^igchat: unknown command 'strat'\n\(Did you mean start\?\)\n/);
  });

  it('ends with 2 after an option that does not exist', async () => {
    const { code, stderr } = await igchat(['check-config', '--cofig', 'x']);
    assert.equal(code, 2);
    assert.match(stderr, /^igchat: unknown option '--cofig'\n\(Did you mean --config\?\)\n/);
  });

  it('prints the version', async () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
    assert.match((await igchat(['version'])).stdout, new RegExp(`^igchat ${version} `));
  });

  describe('check-config', () => {
    it('says that a configuration is right', async () => {
      writeFileSync(at('a.yaml'), 'server_name: example.org');
      assert.deepEqual(await igchat(['check-config', '--config', at('a.yaml')]), {
        code: 0,
        stdout: `${at('a.yaml')} is right (server name example.org)\n`,
        stderr: '',
      });
    });

    it('ends with 78 and every mistake on standard error', async () => {
      writeFileSync(at('a.yaml'), 'server_name: example.org\nmedai: 1\nshutdown: { grace: 1 }');
      const { code, stdout, stderr } = await igchat(['check-config', '-c', at('a.yaml')]);
      assert.equal(code, 78);
      assert.equal(stdout, '');
      const [first, second, ...rest] = stderr.split('\n');
      assert.equal(first, `${at('a.yaml')}:2:1: medai: is not an option; did you mean media?`);
      assert.match(second ?? '', /:3:20: shutdown\.grace: .* the unit is missing$/);
      assert.deepEqual(rest, ['']);
    });

    it('finds the file that the environment names', async () => {
      writeFileSync(at('b.yaml'), 'server_name: example.org');
      assert.equal((await igchat(['check-config'], { env: { IGCHAT_CONFIG: at('b.yaml') } })).code, 0);
    });
  });

  describe('generate-config', () => {
    it('prints the homeserver.yaml that is checked in', async () => {
      assert.equal((await igchat(['generate-config'])).stdout, readFileSync('homeserver.yaml', 'utf8'));
    });

    it('writes a new file for a server name behind a proxy', async () => {
      const args = ['generate-config', '--server-name', 'example.org', '--data-dir', '/var/lib/igchat'];
      assert.equal((await igchat([...args, '--output', at('c.yaml')])).code, 0);
      const config = parseConfig(readFileSync(at('c.yaml'), 'utf8'), { name: 'c.yaml', configDir: folder });
      assert.equal(config.serverName, 'example.org');
      assert.equal(config.publicBaseUrl, 'https://example.org');
      assert.equal(config.database.path, '/var/lib/igchat/homeserver.db');
      assert.deepEqual(config.listeners[0]?.xForwardedProxies, ['127.0.0.1', '::1']);
    });

    it('leaves a file alone that is there', async () => {
      writeFileSync(at('c.yaml'), 'mine');
      const { code, stderr } = await igchat(['generate-config', '--output', at('c.yaml')]);
      assert.equal(code, 1);
      assert.equal(stderr, `igchat: cannot write ${at('c.yaml')}: it is there already\n`);
      assert.equal(readFileSync(at('c.yaml'), 'utf8'), 'mine');
    });

    it('refuses what cannot be a server name', async () => {
      const { code, stderr } = await igchat(['generate-config', '--server-name', 'exämple']);
      assert.equal(code, 2);
      assert.match(stderr, /^igchat: server_name: expected a server name such as example\.org/);
    });
  });

  it('generate-signing-key writes a key that only its owner can read', async () => {
    assert.equal((await igchat(['generate-signing-key', '--output', at('key')])).code, 0);
    assert.equal(statSync(at('key')).mode & 0o777, 0o600);
    assert.match(parseSigningKey(readFileSync(at('key'), 'utf8'))?.keyId ?? '', /^ed25519:a_\w{4}$/);
  });
});

describe('igchat start', () => {
  it('says where it listens and where its data are, and ends with 0 when it is asked to stop', async () => {
    const test = await engine();
    const config = test.config();
    const file = join(test.folder, 'homeserver.yaml');
    const { database } = config;
    writeFileSync(
      file,
      JSON.stringify({
        server_name: 'example.org',
        data_dir: test.folder,
        listeners: [{ port: 0 }, { socket: 'igchat.sock' }],
        database: { engine: database.engine, ...(database.url === undefined ? {} : { url: database.url }) },
        logging: { level: 'warn' },
      }),
    );
    const { code, stdout, stderr } = await igchat(['start', '--config', file]);
    await test.drop();
    assert.equal(stderr, '');
    assert.equal(code, 0);
    assert.match(stdout, /^iGChat \d+\.\d+\.\d+ is running\.\n {2}server name {3}example\.org\n/);
    assert.match(
      stdout,
      new RegExp(`listening on {2}http://127\\.0\\.0\\.1:\\d+, ${join(test.folder, 'igchat.sock')}\n`),
    );
    assert.match(stdout, new RegExp(`signing key {3}${config.signingKey} `));
  });

  it('says in one line that another program has its port', async () => {
    const test = await engine();
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const address = other.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    const file = join(test.folder, 'homeserver.yaml');
    writeFileSync(file, JSON.stringify({ server_name: 'a', data_dir: test.folder, listeners: [{ port }] }));
    const { code, stderr } = await igchat(['start', '--config', file]);
    other.close();
    await test.drop();
    assert.equal(code, 1);
    assert.equal(stderr, `igchat: cannot listen on 127.0.0.1:${port}: another program listens there\n`);
  });

  it('says in one line that another server works on its database', async () => {
    const test = await engine();
    const other = await startTestHomeserver({}, test);
    const { code, stderr } = await igchat(['start', '--config', writeConfiguration(test)]);
    await other.stop();
    assert.equal(code, 1);
    assert.match(stderr, /^igchat: the .*database .* is in use by another iGChat server.*\n$/);
  });

  it('says in one line that PostgreSQL cannot be reached', async () => {
    const test = await engine();
    const database = { engine: 'postgres', url: `postgres://nobody@/nothing?host=${test.folder}` };
    const { code, stderr } = await igchat(['start', '--config', writeConfiguration(test, { database })]);
    await test.drop();
    assert.equal(code, 1);
    assert.match(stderr, /^igchat: connect ENOENT .*\n$/);
  });
});
