/**
 * A whole homeserver with a live room, two gateways in processes of their own and a Redis while everything goes wrong:
 * each is killed at any time and started again, Redis is stopped for a while, and connections are cut. People send by
 * HTTP until they are answered, a moderator deletes, viewers watch at any of the three. In the end every message that was
 * acknowledged is in the room once, and every viewer was told of it, or that it had to begin anew. `SOAK_SECONDS` (600),
 * `SOAK_VIEWERS` (40), `SOAK_RATE` (20 messages a second).
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { GATEWAY_PATH } from '../../src/live/api/gateway/gateway.ts';
import { messageName } from '../../src/live/rules/message-name.ts';
import type { JsonObject } from '../../src/protocol/json.ts';
import { type Homeserver, launchHomeserver } from '../clients/support/launch.ts';
import { SoakViewer } from '../live/soak/soak-viewer.ts';
import { freePort } from '../support/free-port.ts';
import { redis } from '../support/needs.ts';
import { RedisServer } from '../support/redis-server.ts';

const setting = (name: string, otherwise: number) => Number(process.env[name] ?? otherwise);
const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
const below = (limit: number) => Math.floor(Math.random() * limit);
const LIVE = '/_matrix/client/unstable/online.beamify/live';
const MAIN = join(dirname(fileURLToPath(import.meta.url)), '../../src/main.js');
const REPORT_MS = 60_000;
const PEOPLE = 10;
const RETRY_MS = 100;
/** Nobody is slowed down, and what one outage keeps back fits into a snapshot. */
const SETTINGS = {
  ...{ tick: '50ms', message_gap: '0s', messages_of_users: 1_000_000, messages_of_moderators: 1_000_000 },
  ...{ snapshot_messages: 1_000, joins_per_second: 1_000, gateway_secret: 'the-secret-of-the-gateways-of-a-soak' },
};
const CHAT = { admit_rate: 1_000, display_rate: 1_000 };

interface GatewayProcess {
  readonly port: number;
  child: ChildProcess;
}

interface Sent {
  readonly eventId: string;
  /** Milliseconds since the epoch at which the server had answered. */
  readonly at: number;
}

class ServerSoak {
  readonly #server: Homeserver;
  readonly #redis: RedisServer;
  readonly #gateways: GatewayProcess[] = [];
  readonly #sent: Sent[] = [];
  readonly #deleted = new Set<string>();
  readonly #troubles = new Map<string, number>();
  readonly #refused: string[] = [];
  #streamer = '';
  #room = '';
  #isOver = false;

  constructor(server: Homeserver, redisServer: RedisServer) {
    this.#server = server;
    this.#redis = redisServer;
  }

  urlOf = (): string => {
    const gateway = this.#gateways[below(this.#gateways.length + 1)];
    const base = gateway === undefined ? this.#server.baseUrl : `http://127.0.0.1:${gateway.port}`;
    return `${base.replace('http', 'ws')}${GATEWAY_PATH}`;
  };

  async addGateway(): Promise<void> {
    const port = await freePort();
    this.#gateways.push({ port, child: this.#startGateway(port) });
  }

  /** Makes the channel. Answers what runs until `end`. */
  async begin(): Promise<Promise<void>[]> {
    this.#streamer = await this.#register('kai');
    const made = await this.#ask('POST', `${LIVE}/channels`, this.#streamer, { handle: 'kai', name: 'Kai' });
    this.#room = String(made['room_id']);
    await this.#ask('PATCH', `${LIVE}/channels/kai/settings`, this.#streamer, { settings: CHAT });
    const people = await Promise.all(Array.from({ length: PEOPLE }, (_, n) => this.#register(`zed${n}`)));
    const join = `/_matrix/client/v3/join/${encodeURIComponent(this.#room)}`;
    // Every other one is no member until something of it is accepted.
    for (const token of people.filter((_, n) => n % 2 === 0)) await this.#ask('POST', join, token);
    return people.map((token, n) => this.#talk(token, n));
  }

  async trouble(viewers: readonly SoakViewer[]): Promise<void> {
    const kinds = ['cut', 'gateway killed', 'server killed', 'redis killed', 'redis paused', 'both killed'] as const;
    const kind = kinds[below(kinds.length)]!;
    this.#troubles.set(kind, (this.#troubles.get(kind) ?? 0) + 1);
    if (kind === 'cut') for (const viewer of viewers) if (below(2) === 0) viewer.cut();
    if (kind === 'gateway killed') {
      const gateway = this.#gateways[below(this.#gateways.length)]!;
      gateway.child.kill('SIGKILL');
      await once(gateway.child, 'exit');
      await pause(below(500));
      gateway.child = this.#startGateway(gateway.port);
    }
    if (kind === 'redis paused') {
      this.#redis.pause();
      await pause(below(2500));
      this.#redis.resume();
    }
    if (kind === 'server killed' || kind === 'both killed') await this.#server.kill();
    if (kind === 'redis killed' || kind === 'both killed') {
      await this.#redis.kill();
      await pause(below(1500));
      await this.#redis.start();
    }
    if (kind === 'server killed' || kind === 'both killed') await this.#server.start();
  }

  /** Nobody says anything new; what is under way is finished. */
  quiet(): void {
    this.#isOver = true;
  }

  async end(): Promise<void> {
    for (const { child } of this.#gateways) child.kill('SIGKILL');
    await this.#server.remove();
    await this.#redis.remove();
  }

  async check(viewers: readonly SoakViewer[]): Promise<string[]> {
    const last = messageName(String((await this.#say(this.#streamer, 'last'))['event_id']));
    const isTold = () => viewers.every(({ told }) => told.has(last));
    for (let wait = 0; wait < 300 && !isTold(); wait++) await pause(100);
    const wrong = [...this.#refused, ...viewers.flatMap((viewer) => viewer.wrong), ...(await this.#checkRoom())];
    if (!isTold()) wrong.push('not everybody was told of the last message');
    const deleted = new Set([...this.#deleted].map(messageName));
    for (const { shown, told, anewAt } of viewers) {
      for (const id of shown) if (deleted.has(id)) wrong.push(`${id} was deleted and is shown`);
      for (const { eventId, at } of this.#sent) {
        const isLost = !told.has(messageName(eventId)) && !this.#deleted.has(eventId) && anewAt < at;
        if (isLost) wrong.push(`${eventId} was acknowledged, and a viewer never told of it`);
      }
    }
    return wrong;
  }

  get summary(): string {
    const troubles = [...this.#troubles].map(([kind, n]) => `${kind} ${n}`).join(', ');
    return `${this.#sent.length} messages, ${this.#deleted.size} deleted; ${troubles}`;
  }

  /** It may not be there yet; viewers come back until it is. */
  #startGateway(port: number): ChildProcess {
    const file = join(this.#server.dataDir, 'homeserver.yaml');
    const args = [MAIN, 'live-gateway', '--config', file, '--port', String(port)];
    return spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  }

  /** Says one thing after another, each until it is answered. */
  async #talk(token: string, person: number): Promise<void> {
    const gap = (PEOPLE * 1000) / setting('SOAK_RATE', 20);
    for (let n = 0; !this.#isOver; n++) {
      await pause(gap * (0.5 + Math.random()));
      const say = person % 2 === 0 ? this.#say : this.#sayLive;
      const { event_id } = await say.call(this, token, `${person}.${n}`);
      const eventId = String(event_id);
      this.#sent.push({ eventId, at: Date.now() });
      if (below(20) > 0) continue;
      this.#deleted.add(eventId);
      await this.#ask('DELETE', `${LIVE}/channels/kai/messages/${encodeURIComponent(eventId)}`, this.#streamer);
    }
  }

  #say(token: string, text: string): Promise<JsonObject> {
    const path = `/_matrix/client/v3/rooms/${encodeURIComponent(this.#room)}/send/m.room.message/${text}`;
    return this.#ask('PUT', path, token, { msgtype: 'm.text', body: `number ${text}` });
  }

  #sayLive(token: string, text: string): Promise<JsonObject> {
    return this.#ask('POST', `${LIVE}/channels/kai/messages`, token, { txn: text, body: `number ${text}` });
  }

  async #register(username: string): Promise<string> {
    const asked = { username, password: 'of the soak', auth: { type: 'm.login.dummy' } };
    return String((await this.#ask('POST', '/_matrix/client/v3/register', undefined, asked))['access_token']);
  }

  /** Asks until there is an answer; one that is a refusal is noted. */
  async #ask(method: string, path: string, token?: string, body: JsonObject = {}): Promise<JsonObject> {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const request = { method, headers, ...(method === 'GET' ? {} : { body: JSON.stringify(body) }) };
    for (;;) {
      try {
        const response = await fetch(`${this.#server.baseUrl}${path}`, request);
        const json = (await response.json()) as JsonObject;
        if (response.status === 200) return json;
        if (response.status < 500 && response.status !== 429) {
          this.#refused.push(`${method} ${path}: ${response.status} ${JSON.stringify(json)}`);
          return json;
        }
      } catch {
        // It is gone, and will be back.
      }
      await pause(RETRY_MS);
    }
  }

  /** Every message that was acknowledged is in the room once, and nothing is there twice. */
  async #checkRoom(): Promise<string[]> {
    const found = new Map<string, number>();
    const texts = new Map<string, number>();
    const path = `/_matrix/client/v3/rooms/${encodeURIComponent(this.#room)}/messages?dir=b&limit=500`;
    for (let from: string | undefined = ''; from !== undefined; ) {
      const page = await this.#ask('GET', from === '' ? path : `${path}&from=${from}`, this.#streamer);
      for (const { type, event_id, content } of (page['chunk'] ?? []) as JsonObject[]) {
        if (type !== 'm.room.message') continue;
        found.set(String(event_id), (found.get(String(event_id)) ?? 0) + 1);
        const { body } = content as JsonObject;
        if (body !== undefined) texts.set(String(body), (texts.get(String(body)) ?? 0) + 1);
      }
      from = page['end'] === undefined ? undefined : String(page['end']);
    }
    const lost = this.#sent.filter(({ eventId }) => found.get(eventId) !== 1);
    const twice = [...texts].filter(([, count]) => count > 1);
    return [
      ...lost.map(({ eventId }) => `${eventId} was acknowledged and is ${found.get(eventId) ?? 0} times in the room`),
      ...twice.map(([text, count]) => `"${text}" is ${count} times in the room`),
    ];
  }
}

export async function run(): Promise<void> {
  const executable = redis.find();
  if (executable === undefined) {
    console.log(`redis-server is missing (${redis.install})`);
    return;
  }
  const redisServer = await RedisServer.start(executable);
  const server = await launchHomeserver({
    settings: async () => ({ live: SETTINGS, redis: { url: redisServer.url } }),
  });
  const soak = new ServerSoak(server, redisServer);
  const talks = await soak.begin();
  for (let n = 0; n < 2; n++) await soak.addGateway();
  const viewers = Array.from({ length: setting('SOAK_VIEWERS', 40) }, () => new SoakViewer(soak.urlOf, 'kai'));
  const start = Date.now();
  const seconds = () => Math.round((Date.now() - start) / 1000);
  let reportAt = start + REPORT_MS;
  while (seconds() < setting('SOAK_SECONDS', 600) && viewers.every(({ wrong }) => wrong.length === 0)) {
    await pause(500 + below(4000));
    await soak.trouble(viewers);
    if (Date.now() < reportAt) continue;
    reportAt += REPORT_MS;
    console.log(`${seconds()} s: ${soak.summary}`);
  }
  soak.quiet();
  await Promise.all(talks);
  const wrong = await soak.check(viewers);
  const sum = (name: keyof SoakViewer['counts']) => viewers.reduce((total, { counts }) => total + counts[name], 0);
  for (const viewer of viewers) viewer.end();
  await soak.end();
  console.log(
    `${seconds()} s: ${soak.summary}\ntold ${sum('messages')}, cut ${sum('cuts')}, went on ${sum('resumed')}, began anew ${sum('anew')}`,
  );
  console.log(wrong.length === 0 ? 'nothing was lost, doubled or out of order' : wrong.slice(0, 20).join('\n'));
  process.exitCode = wrong.length === 0 ? 0 : 1;
}
