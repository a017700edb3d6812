/** What `start-homeserver` runs: writes `homeserver.yaml` into DATA_DIR and goes on as `igchat start` in this process. */
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { become, prepare } from '../../src/bootstrap.mjs';

/** @returns the variable's value; an empty one counts as unset, as in a shell. */
const given = (name) => process.env[name] || undefined;

function required(name) {
  const value = given(name);
  if (value !== undefined) return value;
  console.error(`start-homeserver: ${name} must be set`);
  process.exit(2);
}

/** The database of this DATA_DIR on the PostgreSQL server of DATABASE_URL, made if it is absent. */
async function postgresDatabase(dataDir) {
  const { default: pg } = await import('pg');
  const server = required('DATABASE_URL');
  const name = `igchat_${createHash('sha256').update(dataDir).digest('hex').slice(0, 16)}`;
  const client = new pg.Client({ connectionString: server });
  await client.connect();
  const { rowCount } = await client.query('select from pg_database where datname = $1', [name]);
  if (rowCount === 0) {
    await client.query(`create database ${name} encoding 'UTF8' lc_collate 'C' lc_ctype 'C' template template0`);
  }
  await client.end();
  return server.replace(/\/[^/?]*(\?|$)/, `/${name}$1`);
}

/** Federation by TLS on FED_PORT, with the authority of CA_CERT and loopback addresses; off without a certificate. */
function federation(bind) {
  const [port, certificate, key, ca] = ['FED_PORT', 'TLS_CERT', 'TLS_KEY', 'CA_CERT'].map(given);
  const isOn = port !== undefined && certificate !== undefined && key !== undefined;
  return {
    listeners: isOn ? [{ bind, port: Number(port), tls_certificate: certificate, tls_key: key }] : [],
    federation: {
      ...{ enabled: isOn, device_names: true, key_retry_min: '1s', key_retry_max: '2s' },
      ...(given('PARTIAL_JOINS') === undefined ? {} : { partial_joins: true }),
    },
    outbox: { retry_min: '500ms', retry_max: '2s' },
    inbox: { resync_retry_min: '500ms', resync_retry_max: '2s' },
    outgoing: {
      allow: ['127.0.0.0/8', '::1'],
      ...(ca === undefined ? {} : { ca_files: [ca], public_cas: false }),
    },
  };
}

async function configuration(dataDir) {
  const database =
    given('DATABASE') === 'postgres'
      ? { engine: 'postgres', url: await postgresDatabase(dataDir) }
      : { engine: 'sqlite', path: join(dataDir, 'homeserver.db') };
  const secret = given('REGISTRATION_SHARED_SECRET');
  const version = given('DEFAULT_ROOM_VERSION');
  const serverName = required('SERVER_NAME');
  const bind = required('BIND_ADDRESS');
  const port = Number(required('CS_PORT'));
  const { listeners, ...speaking } = federation(bind);
  return {
    server_name: serverName,
    public_base_url: `http://${bind}:${port}`,
    data_dir: dataDir,
    signing_key: join(dataDir, 'signing.key'),
    listeners: [{ bind, port }, ...listeners],
    ...speaking,
    database,
    registration: { mode: 'open', guests: true, ...(secret === undefined ? {} : { shared_secret: secret }) },
    password: { memory: '8KB', passes: 1, min_length: 1 },
    rate_limits: { enabled: false },
    media: { path: join(dataDir, 'media'), unauthenticated_downloads: true },
    presence: { enabled: true },
    server_notices: { localpart: '_server' },
    url_previews: { enabled: true },
    ...(given('APPSERVICE_DIR') === undefined ? {} : { appservices: { folder: given('APPSERVICE_DIR') } }),
    logging: { level: given('LOG_LEVEL') ?? 'info' },
    ...(version === undefined ? {} : { rooms: { default_version: version } }),
    ...JSON.parse(given('HOMESERVER_OPTIONS') ?? '{}'),
  };
}

if (!prepare()) process.exit(1);
const dataDir = required('DATA_DIR');
const file = join(dataDir, 'homeserver.yaml');
// JSON is YAML.
const text = `${JSON.stringify(await configuration(dataDir), undefined, 2)}\n`;
writeFileSync(file, text, { mode: 0o600 });
for (const name of Object.keys(process.env)) if (name.startsWith('IGCHAT_')) delete process.env[name];
await become('src/main.js', ['start', '--config', file]);
