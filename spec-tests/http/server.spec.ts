import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endpoint } from '../../src/http/endpoint.ts';
import { MetricsServer } from '../../src/http/metrics-server.ts';
import { Metrics } from '../../src/util/metrics.ts';
import { startTestApi } from '../support/test-api.ts';
import { TestClock } from '../support/test-clock.ts';

/** Endpoints whose handlers tell when they run and wait to be told to go on. */
function waiting() {
  let goOn: () => void = () => undefined;
  let hasBegun: (signal: AbortSignal) => void = () => undefined;
  const begun = new Promise<AbortSignal>((resolve) => {
    hasBegun = resolve;
  });
  const gate = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  const work = endpoint({
    name: 'work',
    method: 'get',
    paths: ['/work'],
    auth: 'none',
    rateLimit: false,
    async handle({ request }) {
      hasBegun(request.signal);
      await gate;
      return { done: true };
    },
  });
  const poll = endpoint({
    name: 'poll',
    method: 'get',
    paths: ['/poll'],
    auth: 'none',
    rateLimit: false,
    longPoll: true,
    async handle({ request: { signal } }) {
      hasBegun(signal);
      if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve));
      return { reason: String(signal.reason) };
    },
  });
  return { work, poll, begun, goOn };
}

describe('http server', () => {
  it('finishes running requests and takes no more when it stops', async () => {
    const { work, begun, goOn } = waiting();
    const api = await startTestApi([work], {}, { clock: new TestClock() });
    const answer = fetch(`${api.url}/work`);
    await begun;
    const stopped = api.stop();
    await assert.rejects(fetch(`${api.url}/work`));
    goOn();
    assert.deepEqual(await (await answer).json(), { done: true });
    await stopped;
  });

  it('makes long polls answer when it stops', async () => {
    const { poll, begun } = waiting();
    const api = await startTestApi([poll], {}, { clock: new TestClock() });
    const answer = fetch(`${api.url}/poll`);
    await begun;
    await api.stop();
    assert.deepEqual(await (await answer).json(), { reason: 'shutting-down' });
  });

  it('breaks off what is still running when the time of grace is over', async () => {
    const { work, begun } = waiting();
    const clock = new TestClock();
    const api = await startTestApi([work], {}, { clock, graceMs: 10_000 });
    const answer = assert.rejects(fetch(`${api.url}/work`));
    await begun;
    const stopped = api.stop();
    clock.advance(10_000);
    await stopped;
    await answer;
  });

  it('tells a handler that its client is gone', async () => {
    const { poll, begun } = waiting();
    const api = await startTestApi([poll], {});
    const abort = new AbortController();
    const answer = assert.rejects(fetch(`${api.url}/poll`, { signal: abort.signal }));
    const signal = await begun;
    const gone = new Promise((resolve) => signal.addEventListener('abort', resolve));
    abort.abort();
    await gone;
    assert.equal(signal.reason, 'client-gone');
    await answer;
    await api.stop();
  });

  for (const [what, end] of [
    ['its client is gone', 'client'],
    ['the server stops', 'server'],
  ] as const) {
    it(`calls back once, when ${what}, those who did not take it back`, async () => {
      const calls: string[] = [];
      let hasBegun: () => void = () => undefined;
      let hasEnded: () => void = () => undefined;
      const begun = new Promise<void>((resolve) => {
        hasBegun = resolve;
      });
      const ended = new Promise<void>((resolve) => {
        hasEnded = resolve;
      });
      const poll = endpoint({
        name: 'poll',
        method: 'get',
        paths: ['/poll'],
        auth: 'none',
        rateLimit: false,
        longPoll: true,
        async handle({ request }) {
          request.whenOver(() => calls.push('first'));
          request.whenOver(() => calls.push('taken back'))();
          const over = new Promise<void>((resolve) => {
            request.whenOver(resolve);
          });
          hasBegun();
          await over;
          request.whenOver(() => calls.push('at once'));
          hasEnded();
          return {};
        },
      });
      const api = await startTestApi([poll], {}, { clock: new TestClock() });
      const abort = new AbortController();
      const answer = fetch(`${api.url}/poll`, { signal: abort.signal }).catch(() => undefined);
      await begun;
      const stopped = end === 'server' ? api.stop() : undefined;
      if (end === 'client') abort.abort();
      await ended;
      await answer;
      await (stopped ?? api.stop());
      assert.deepEqual(calls, ['first', 'at once']);
    });
  }

  it('keeps connections for the next request', async () => {
    const { work, goOn } = waiting();
    goOn();
    const api = await startTestApi([work], {});
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const ports = new Set<number | undefined>();
    for (let i = 0; i < 3; i++) {
      await new Promise<void>((resolve) => {
        const sending = request(`${api.url}/work`, { agent }, (response) => response.resume().on('end', resolve));
        sending.on('socket', (socket) => socket.once('connect', () => ports.add(socket.localPort)));
        sending.end();
      });
    }
    assert.equal(ports.size, 1);
    agent.destroy();
    await api.stop();
  });

  it('listens on a Unix socket, also where an earlier one was left behind', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'igchat-http-'));
    const socket = join(folder, 'http.sock');
    writeFileSync(socket, '');
    const { work, goOn } = waiting();
    goOn();
    const api = await startTestApi([work], {}, { listener: { socket, socketMode: '600' } });
    assert.equal(statSync(socket).mode & 0o777, 0o600);
    const status = await new Promise((resolve) => {
      request({ socketPath: socket, path: '/work' }, (response) => resolve(response.resume().statusCode)).end();
    });
    assert.equal(status, 200);
    await api.stop();
    rmSync(folder, { recursive: true });
  });

  it('says that it is healthy', async () => {
    const api = await startTestApi([], {});
    const response = await fetch(`${api.url}/health`);
    assert.equal(response.status, 200);
    assert.equal(await response.text(), 'OK');
    await api.stop();
  });

  it('fails to start where the port is taken, and leaves nothing open', async () => {
    const api = await startTestApi([], {});
    await assert.rejects(startTestApi([], {}, { listener: { port: Number(new URL(api.url).port) } }), /EADDRINUSE/);
    await api.stop();
  });

  it('outlives those who ask for another protocol and break off', async () => {
    const api = await startTestApi([], {}, { onUpgrade: () => false });
    const { port } = new URL(api.url);
    const head = 'GET /nothing HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n';
    try {
      for (let n = 0; n < 20; n++) {
        const socket = connect({ host: '127.0.0.1', port: Number(port) });
        await once(socket, 'connect');
        await new Promise((resolve) => socket.write(head, resolve));
        socket.resetAndDestroy();
        await once(socket, 'close');
      }
      const socket = connect({ host: '127.0.0.1', port: Number(port) });
      socket.write(head);
      const [answer] = await once(socket, 'data');
      assert.match(String(answer), /^HTTP\/1\.1 404 /);
      socket.destroy();
    } finally {
      await api.stop();
    }
  });
});

describe('metrics server', () => {
  it('serves metrics, and nothing else', async () => {
    const metrics = new Metrics({ process: false });
    metrics.counter('things_total', 'Things.', ['kind']).inc({ kind: 'a' }, 2);
    metrics.gauge('waiting', 'Waiting.', () => 7);
    const server = new MetricsServer(metrics);
    const port = await server.start('127.0.0.1', 0);
    const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    assert.match(text, /igchat_things_total\{kind="a"\} 2/);
    assert.match(text, /igchat_waiting 7/);
    assert.equal((await fetch(`http://127.0.0.1:${port}/`)).status, 404);
    await server.stop();
  });
});
