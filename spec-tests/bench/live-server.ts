/**
 * What a live room costs with the whole homeserver around it, on SQLite: messages come by `PUT /send` and are durable
 * before they are answered. Viewers come to the server itself, and to a gateway in a process of its own, which then has
 * the core alone. Settings that differ from the defaults: caps per address, the pace of one chatter, `display_rate`.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { GATEWAY_PATH } from '../../src/live/api/gateway/gateway.ts';
import type { JsonObject } from '../../src/protocol/json.ts';
import { type Homeserver, launchHomeserver } from '../clients/support/launch.ts';
import { freePort } from '../support/free-port.ts';
import {
  type Bars,
  CLIENT_CORE,
  CUT,
  CUT_BARS,
  helloTo,
  JOINED,
  judge,
  LiveLoad,
  resumeAt,
  SERVER_CORE,
  SHOWN,
  STEADY,
  STEADY_BARS,
  VIEWERS,
} from '../support/live-load.ts';
import { redis } from '../support/needs.ts';
import { RedisServer } from '../support/redis-server.ts';

const MAIN = join(dirname(fileURLToPath(import.meta.url)), '../../src/main.js');
const LIVE = '/_matrix/client/unstable/online.beamify/live';
const CHANNEL = 'kai';
const SETTINGS = {
  ...{ sockets_per_ipv4: 40_000, handshakes: { per_second: 40_000, burst: 40_000 } },
  ...{ message_gap: '0s', messages_of_users: 1_000_000, messages_of_moderators: 1_000_000 },
  gateway_secret: 'the-secret-of-the-gateway-of-a-bench',
};

const ROWS: readonly { name: string; ready: string; args: readonly string[]; bars: Bars }[] = [
  { name: 'watching', ready: SHOWN, args: STEADY, bars: STEADY_BARS },
  { name: 'reconnect', ready: JOINED, args: [...CUT, '--resume', resumeAt(CHANNEL)], bars: CUT_BARS },
];

async function ask(server: Homeserver, method: string, path: string, body: JsonObject, token?: string) {
  const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const response = await fetch(`${server.baseUrl}${path}`, { method, headers, body: JSON.stringify(body) });
  const json = (await response.json()) as JsonObject;
  if (response.status !== 200) throw new Error(`${method} ${path}: ${response.status} ${JSON.stringify(json)}`);
  return json;
}

/** Makes the channel. Answers how the load client says something there. */
async function openChannel(server: Homeserver): Promise<readonly string[]> {
  const kai = { username: 'kai', password: 'of the bench', auth: { type: 'm.login.dummy' } };
  const token = String((await ask(server, 'POST', '/_matrix/client/v3/register', kai))['access_token']);
  const { room_id } = await ask(server, 'POST', `${LIVE}/channels`, { handle: CHANNEL, name: 'Kai' }, token);
  const settings = { admit_rate: 1_000, display_rate: 1_000 };
  await ask(server, 'PATCH', `${LIVE}/channels/${CHANNEL}/settings`, { settings }, token);
  const path = `/_matrix/client/v3/rooms/${encodeURIComponent(String(room_id))}/send/m.room.message/{{n}}.{{rand}}`;
  const url = ['--publish-method', 'PUT', '--publish-url', `${server.baseUrl}${path}`];
  return [...url, '--publish-header', `Authorization: Bearer ${token}`];
}

/** Where viewers come, and which process it is. */
interface Place {
  readonly base: string;
  readonly pid: number;
  end(): Promise<void>;
}

/** Puts a process, with all of its threads, on a core. */
function pin(pid: number, core: string): void {
  spawnSync('taskset', ['-a', '-c', '-p', core, String(pid)]);
}

async function startGateway(server: Homeserver): Promise<Place> {
  const port = await freePort();
  const file = join(server.dataDir, 'homeserver.yaml');
  const args = [MAIN, 'live-gateway', '--config', file, '--port', String(port)];
  const child: ChildProcess = spawn('taskset', ['-c', SERVER_CORE, process.execPath, ...args], { stdio: 'ignore' });
  const base = `http://127.0.0.1:${port}`;
  const isThere = () => fetch(`${base}${LIVE}/channels/${CHANNEL}/snapshot`).then(({ ok }) => ok);
  while (!(await isThere().catch(() => false))) await new Promise((resolve) => setTimeout(resolve, 50));
  return { base, pid: child.pid ?? 0, end: async () => void child.kill('SIGKILL') };
}

async function measure(load: LiveLoad, isApart: boolean, executable: string): Promise<void> {
  for (const { name, ready, args, bars } of ROWS) {
    const redisServer = await RedisServer.start(executable);
    const settings = async () => ({ live: SETTINGS, ...(isApart ? { redis: { url: redisServer.url } } : {}) });
    const server = await launchHomeserver({ settings });
    const publish = await openChannel(server);
    pin(server.pid ?? 0, isApart ? CLIENT_CORE : SERVER_CORE);
    const alone = { base: server.baseUrl, pid: server.pid ?? 0, end: async () => undefined };
    const place = isApart ? await startGateway(server) : alone;
    const url = `${place.base.replace('http', 'ws')}${GATEWAY_PATH}`;
    const where = isApart ? 'a gateway beside the server' : 'the whole server';
    const who = { name: `${name}, ${where}`, viewers: VIEWERS, url, pid: place.pid };
    const figures = load.run({ ...who, publish, hello: helloTo(CHANNEL), ready, args });
    if (figures) judge(figures, bars);
    await place.end();
    await server.remove();
    await redisServer.remove();
  }
}

export function run(): Promise<void> {
  return LiveLoad.with(async (load) => {
    const executable = redis.find();
    if (executable === undefined) {
      console.log(`redis-server is missing (${redis.install})`);
      return;
    }
    await measure(load, false, executable);
    await measure(load, true, executable);
  });
}
