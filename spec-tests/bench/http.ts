import { type Agent, createServer, type get, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Worker } from 'node:worker_threads';
import Type from 'typebox';
import { endpoint } from '../../src/http/endpoint.ts';
import { startTestApi } from '../support/test-api.ts';

const PATH = '/_matrix/client/v3/rooms/!abc:bench.example/thing/@a:bench.example';
const REQUESTS = 20_000;
const CONNECTIONS = 8;

const nothing = endpoint({
  name: 'nothing',
  method: 'get',
  paths: ['/_matrix/client/v3/rooms/{roomId}/thing/{userId}'],
  auth: 'accessToken',
  rateLimit: 'general',
  query: Type.Object({ limit: Type.Optional(Type.Integer()) }),
  handle: () => ({}),
});

/** Asks from a thread of its own, whose time is not counted. */
async function load(url: string, requests: number): Promise<void> {
  const code = `(${ask.toString()})(require('node:http'), ${JSON.stringify(url)}, ${requests}, ${CONNECTIONS})`;
  const worker = new Worker(code, { eval: true });
  await new Promise<void>((resolve, reject) => worker.once('exit', () => resolve()).once('error', reject));
}

async function ask(http: { Agent: typeof Agent; get: typeof get }, url: string, requests: number, connections: number) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: connections });
  let left = requests;
  const one = () =>
    new Promise<void>((resolve) => {
      http.get(url, { agent, headers: { authorization: 'Bearer alice' } }, (response) =>
        response.resume().on('end', resolve),
      );
    });
  await Promise.all(
    Array.from({ length: connections }, async () => {
      while (left-- > 0) await one();
    }),
  );
  agent.destroy();
}

/** Prints the time that this thread was busy for one request. */
async function measure(name: string, url: string): Promise<void> {
  await load(url, REQUESTS / 4);
  const before = performance.eventLoopUtilization();
  await load(url, REQUESTS);
  const { active } = performance.eventLoopUtilization(before);
  console.log(`${name.padEnd(40)} ${((active * 1000) / REQUESTS).toFixed(1).padStart(9)} µs`);
}

/** An authenticated GET that does nothing, beside what `node:http` costs by itself. */
export async function run(): Promise<void> {
  const bare: Server = createServer((_, response) =>
    response.writeHead(200, { 'Content-Type': 'application/json' }).end('{}'),
  );
  await new Promise<void>((resolve) => bare.listen(0, '127.0.0.1', resolve));
  await measure('node:http', `http://127.0.0.1:${(bare.address() as AddressInfo).port}${PATH}`);
  bare.close();
  const log = { finished: () => undefined, failed: () => undefined };
  const quiet = await startTestApi([nothing], {}, { settings: { log } });
  await measure('endpoint', quiet.url + PATH);
  await quiet.stop();
  const loud = await startTestApi([nothing], {});
  await measure('endpoint with access log', loud.url + PATH);
  await loud.stop();
}
