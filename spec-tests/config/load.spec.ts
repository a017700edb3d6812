import { strict as assert } from 'node:assert';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig, parseConfig } from '../../src/config/load.ts';
import { ConfigError } from '../../src/config/problem.ts';
import type { Config } from '../../src/config/schema.ts';

const CONFIG_DIR = '/etc/igchat';

function load(text: string, env: Record<string, string> = {}): Config {
  return parseConfig(text, { name: 'homeserver.yaml', configDir: CONFIG_DIR, env });
}

function messageOf(text: string, env: Record<string, string> = {}): string {
  try {
    load(text, env);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  return 'no problem';
}

/** What is written, and the whole message that it must get. */
const MISTAKES: readonly (readonly [title: string, text: string, message: string])[] = [
  [
    'a missing option that has no default',
    'data_dir: data',
    'homeserver.yaml:1:1: server_name: is missing: expected a server name such as example.org, with a port if it has one',
  ],
  [
    'a key that is nearly right',
    'server_name: a\ndatabse:\n',
    'homeserver.yaml:2:1: databse: is not an option; did you mean database?',
  ],
  [
    'a key with hyphens',
    'server_name: a\nmedia:\n  max-upload-size: 50MB',
    'homeserver.yaml:3:3: media.max-upload-size: is not an option; did you mean max_upload_size?',
  ],
  [
    'a key that resembles none',
    'server_name: a\nmetrics: { colour: red }',
    'homeserver.yaml:2:12: metrics.colour: is not an option; known here: enabled, bind, port',
  ],
  [
    'a size without its unit',
    'server_name: a\nmedia:\n  max_upload_size: 50',
    'homeserver.yaml:3:20: media.max_upload_size: expected a size of at least 1KB with its unit, such as 512KB, 50MB or 2GB, found 50: the unit is missing',
  ],
  [
    'a duration without its unit',
    'server_name: a\nshutdown: { grace: 10 }',
    'homeserver.yaml:2:20: shutdown.grace: expected a duration with its unit, such as 500ms, 30s, 5m, 24h or 7d, found 10: the unit is missing',
  ],
  [
    'a duration in an unknown unit',
    'server_name: a\nidempotency: { window: 2 moons }',
    'homeserver.yaml:2:24: idempotency.window: expected a duration of at least 1m with its unit, such as 500ms, 30s, 5m, 24h or 7d, found "2 moons"',
  ],
  [
    'a text for a number',
    'server_name: a\ndatabase: { pool_size: many }',
    'homeserver.yaml:2:24: database.pool_size: expected a whole number from 2 to 1000, found "many"',
  ],
  [
    'a number out of its range',
    'server_name: a\nlisteners: [{ port: 99999 }]',
    'homeserver.yaml:2:21: listeners[0].port: expected a whole number from 0 to 65535, found 99999',
  ],
  [
    'a word for true or false',
    'server_name: a\npresence: { enabled: yes }',
    'homeserver.yaml:2:22: presence.enabled: expected true or false, found "yes"',
  ],
  [
    'a value that is nearly one of those allowed',
    'server_name: a\ndatabase: { engine: postgresql }',
    'homeserver.yaml:2:21: database.engine: expected sqlite or postgres, found "postgresql"; did you mean postgres?',
  ],
  [
    'PostgreSQL without its address',
    'server_name: a\ndatabase:\n  engine: postgres',
    'homeserver.yaml:3:3: database.url: expected the address of the database, such as postgres://user:password@host/database',
  ],
  [
    'a list for a section',
    'server_name: a\nmedia: [1]',
    'homeserver.yaml:2:8: media: expected a mapping, found a list',
  ],
  [
    'a section for a list',
    'server_name: a\nlisteners: { port: 1 }',
    'homeserver.yaml:2:12: listeners: expected a list, found a mapping',
  ],
  [
    'a listener with neither port nor socket',
    'server_name: a\nlisteners:\n  - bind: "::"',
    'homeserver.yaml:3:5: listeners[0].port: expected either a port or a socket, and not both',
  ],
  [
    'a proxy that is no address',
    'server_name: a\nlisteners: [{ port: 1, x_forwarded_proxies: [10.0.0.0/40] }]',
    'homeserver.yaml:2:46: listeners[0].x_forwarded_proxies[0]: expected an IP address or a network such as 10.0.0.0/8, found "10.0.0.0/40"',
  ],
  [
    'a secret that is not what it should be, without showing it',
    'server_name: a\ndatabase: { url: hunter2 }',
    'homeserver.yaml:2:18: database.url: expected an address such as postgres://user:password@host/database, found something else',
  ],
  [
    'a secret file that is not there',
    'server_name: a\nregistration:\n  shared_secret_file: secret.txt',
    `homeserver.yaml:3:23: registration.shared_secret_file: cannot read ${CONFIG_DIR}/secret.txt: there is no such file`,
  ],
  [
    'a secret that is given twice',
    'server_name: a\nregistration: { shared_secret: x, shared_secret_file: y }',
    'homeserver.yaml:2:35: registration.shared_secret: expected either shared_secret or shared_secret_file, found both',
  ],
  [
    'a variable that is not set',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: as it is written in the file
    'server_name: a\nregistration: { shared_secret: "${SECRET}" }',
    'homeserver.yaml:2:32: registration.shared_secret: the environment variable SECRET is not set',
  ],
  ['a key that is there twice', 'server_name: a\nserver_name: b', 'homeserver.yaml:2:1: Map keys must be unique'],
  ['a file that is no mapping', '- a', 'homeserver.yaml:1:1: expected a mapping, found a list'],
];

describe('The configuration', () => {
  for (const [title, text, message] of MISTAKES) {
    it(`names place and remedy of ${title}`, () => {
      assert.equal(messageOf(text), message);
    });
  }

  it('reports all mistakes at once, in the order of the file', () => {
    const lines = messageOf('server_name: [a]\nx: 1\npresence: { enabled: 1 }').split('\n');
    assert.deepEqual(
      lines.map((line) => line.split(' ')[0]),
      ['homeserver.yaml:1:14:', 'homeserver.yaml:2:1:', 'homeserver.yaml:3:22:'],
    );
  });

  it('says where YAML itself is wrong', () => {
    assert.match(messageOf('server_name: "a'), /^homeserver\.yaml:1:\d+: Missing closing "quote/);
  });

  it('puts durations in milliseconds, sizes in bytes and paths at the folder of the file', () => {
    const config = load('server_name: a\nmedia: { max_upload_size: 1.5MB, path: m }\nshutdown: { grace: 2m }');
    assert.equal(config.media.maxUploadSize, 1_572_864);
    assert.equal(config.shutdown.grace, 120_000);
    assert.equal(config.media.path, `${CONFIG_DIR}/m`);
  });

  it('keeps files that are not configured in the data folder', () => {
    const config = load('server_name: a\ndata_dir: /var/lib/igchat');
    assert.equal(config.database.path, '/var/lib/igchat/homeserver.db');
    assert.equal(config.signingKey, '/var/lib/igchat/signing.key');
  });

  it('takes an empty section as all defaults', () => {
    assert.deepEqual(load('server_name: a\nmedia:\nlisteners:'), load('server_name: a'));
  });

  it('derives the public address from the server name', () => {
    assert.equal(load('server_name: example.org').publicBaseUrl, 'https://example.org');
    assert.equal(
      load('server_name: a\npublic_base_url: http://localhost:8008/').publicBaseUrl,
      'http://localhost:8008',
    );
  });

  it('lets variables of the environment set any option', () => {
    const config = load('server_name: a\nmedia: { max_upload_size: 1MB }', {
      IGCHAT_SERVER_NAME: 'example.org',
      IGCHAT_MEDIA_MAX_UPLOAD_SIZE: '2MB',
      IGCHAT_RATE_LIMITS_MESSAGE: '{ per_second: 3, burst: 4 }',
      IGCHAT_REGISTRATION_SHARED_SECRET: '1234',
      IGCHAT_LISTENERS: '[{ port: 80 }]',
    });
    assert.equal(config.serverName, 'example.org');
    assert.equal(config.media.maxUploadSize, 2_097_152);
    assert.deepEqual(config.rateLimits.message, { perSecond: 3, burst: 4 });
    assert.equal(config.registration.sharedSecret, '1234');
    assert.equal(config.listeners[0]?.port, 80);
  });

  it('refuses a variable that sets no option', () => {
    assert.equal(
      messageOf('server_name: a', { IGCHAT_MEDIA_MAX_UPLOADSIZE: '1MB' }),
      'environment variable IGCHAT_MEDIA_MAX_UPLOADSIZE: is not an option; did you mean IGCHAT_MEDIA_MAX_UPLOAD_SIZE?',
    );
  });

  it('names the variable whose value is wrong', () => {
    assert.equal(
      messageOf('server_name: a', { IGCHAT_METRICS_PORT: 'x' }),
      'environment variable IGCHAT_METRICS_PORT: metrics.port: expected a whole number from 0 to 65535, found "x"',
    );
  });

  it('puts variables of the environment into texts', () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: as it is written in the file
    const config = load('server_name: a\ndatabase: { url: "postgres://u:${PASS}@h/d" }', { PASS: 'p' });
    assert.equal(config.database.url, 'postgres://u:p@h/d');
  });
});

describe('Loading a configuration file', () => {
  let folder = '';
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'igchat-config-'));
  });
  after(() => rmSync(folder, { recursive: true }));

  it('reads secrets from their files, without the newline at the end', () => {
    writeFileSync(join(folder, 'secret'), 'the secret\n');
    writeFileSync(join(folder, 'a.yaml'), 'server_name: a\nregistration: { shared_secret_file: secret }');
    assert.equal(loadConfig(join(folder, 'a.yaml'), {}).registration.sharedSecret, 'the secret');
  });

  it('refuses a signing key file that holds no key', () => {
    const key = join(folder, 'bad.key');
    writeFileSync(key, 'BEGIN RSA PRIVATE KEY');
    writeFileSync(join(folder, 'b.yaml'), 'server_name: a\nsigning_key: bad.key');
    const file = join(folder, 'b.yaml');
    assert.throws(() => loadConfig(file, {}), {
      message: `${file}:2:14: signing_key: expected a line "ed25519 <version> <seed>" in ${key}; \`igchat generate-signing-key\` makes one`,
    });
  });

  it('refuses a signing key that cannot be read, at its standard place too', () => {
    mkdirSync(join(folder, 'data', 'signing.key'), { recursive: true });
    writeFileSync(join(folder, 'c.yaml'), 'server_name: a');
    assert.throws(() => loadConfig(join(folder, 'c.yaml'), {}), {
      message: `${join(folder, 'c.yaml')}:1:1: signing_key: cannot read ${join(folder, 'data', 'signing.key')}: it is a folder`,
    });
  });

  it('says that there is no such file', () => {
    const file = join(folder, 'none.yaml');
    assert.throws(() => loadConfig(file, {}), { message: `${file}: cannot be read: there is no such file` });
  });
});
