/**
 * How long others wait while an account with 500 rooms makes its initial sync, with cold and with warm caches: measured
 * from outside, by short requests that follow each other.
 */
import { Agent, request } from 'node:http';
import { launchHomeserver } from '../clients/support/launch.ts';

const ROOMS = 500;
const MEMBERS = 20;
const MESSAGES = 20;
const AT_ONCE = 8;
/** Milliseconds that a short request may take at p99 meanwhile. */
const BAR = 50;
const PAUSE_MS = 2;
const V3 = '/_matrix/client/v3';

interface Answer {
  readonly status: number;
  readonly text: () => string;
  readonly bytes: number;
}

interface Call {
  readonly method: string;
  readonly path: string;
  readonly token?: string;
  readonly body?: unknown;
}

/** A client of its own connections. */
function client(baseUrl: string) {
  const agent = new Agent({ keepAlive: true });
  return ({ method, path, token, body }: Call): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
      const sent = request(`${baseUrl}${path}`, { method, agent, headers }, (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.on('error', reject);
        response.on('end', () => {
          const bytes = parts.reduce((sum, part) => sum + part.length, 0);
          resolve({ status: response.statusCode ?? 0, text: () => Buffer.concat(parts).toString(), bytes });
        });
      });
      sent.on('error', reject);
      sent.end(body === undefined ? undefined : JSON.stringify(body));
    });
}

type Client = ReturnType<typeof client>;

async function json<T>(call: Client, what: Call): Promise<T> {
  const answer = await call(what);
  if (answer.status !== 200) throw new Error(`${what.method} ${what.path}: ${answer.status} ${answer.text()}`);
  return JSON.parse(answer.text()) as T;
}

async function register(call: Client, username: string): Promise<string> {
  const body = { username, password: 'of the bench', auth: { type: 'm.login.dummy' } };
  return (await json<{ access_token: string }>(call, { method: 'POST', path: `${V3}/register`, body })).access_token;
}

async function fillRoom(call: Client, tokens: readonly string[], n: number): Promise<void> {
  const body = { preset: 'public_chat', name: `Room ${n}` };
  const { room_id } = await json<{ room_id: string }>(call, {
    ...{ method: 'POST', path: `${V3}/createRoom`, token: tokens[0]!, body },
  });
  const path = `${V3}/rooms/${encodeURIComponent(room_id)}`;
  for (const token of tokens.slice(1)) await json(call, { method: 'POST', path: `${path}/join`, token, body: {} });
  for (let i = 0; i < MESSAGES; i++) {
    const message = { msgtype: 'm.text', body: `message number ${i}, of a usual length for chat` };
    const token = tokens[i % tokens.length]!;
    await json(call, { method: 'PUT', path: `${path}/send/m.room.message/${n}.${i}`, token, body: message });
  }
}

/** Short requests, one after the other, until `work` is done: how long each took, in order of size. */
async function waitsDuring(baseUrl: string, work: Promise<unknown>): Promise<number[]> {
  const call = client(baseUrl);
  const waits: number[] = [];
  let isDone = false;
  const ended = work.finally(() => {
    isDone = true;
  });
  while (!isDone) {
    const start = performance.now();
    await call({ method: 'GET', path: '/_matrix/client/versions' });
    waits.push(performance.now() - start);
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
  await ended;
  return waits.sort((a, b) => a - b);
}

async function measure(what: string, baseUrl: string, token: string): Promise<void> {
  const call = client(baseUrl);
  const path = `${V3}/sync?filter=${encodeURIComponent('{"room":{"state":{"lazy_load_members":true}}}')}`;
  const start = performance.now();
  const sync = call({ method: 'GET', path, token });
  const waits = await waitsDuring(baseUrl, sync);
  const took = performance.now() - start;
  const p99 = waits[Math.floor(waits.length * 0.99)] ?? 0;
  const size = `${((await sync).bytes / 1024).toFixed(0)} KiB`;
  console.log(
    `${what}: ${took.toFixed(0)} ms for ${size}; ${waits.length} requests meanwhile, p99 ${p99.toFixed(1)} ms, ` +
      `longest ${waits.at(-1)?.toFixed(1)} ms${p99 > BAR ? ` over ${BAR}!` : ''}`,
  );
}

export async function run(): Promise<void> {
  const homeserver = await launchHomeserver();
  try {
    const call = client(homeserver.baseUrl);
    const tokens: string[] = [];
    for (let i = 0; i < MEMBERS; i++) tokens.push(await register(call, `member.${i}`));
    const rooms = Array.from({ length: ROOMS }, (_, n) => n);
    await Promise.all(
      Array.from({ length: AT_ONCE }, async () => {
        for (let n = rooms.pop(); n !== undefined; n = rooms.pop()) await fillRoom(call, tokens, n);
      }),
    );
    await homeserver.restart();
    await measure('after a start', homeserver.baseUrl, tokens[1]!);
    for (let i = 0; i < 3; i++) await measure('warm', homeserver.baseUrl, tokens[1]!);
  } finally {
    await homeserver.remove();
  }
}
