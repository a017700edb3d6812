import assert from 'node:assert/strict';
import { endpoint } from '../../src/http/endpoint.ts';
import type { UserId } from '../../src/protocol/identifiers/user-id.ts';
import { alice, startTestApi, type TestApi } from '../support/test-api.ts';
import { TestClock } from '../support/test-clock.ts';

const login = endpoint({
  name: 'login',
  method: 'get',
  paths: ['/login'],
  auth: 'none',
  rateLimit: 'login',
  handle: () => ({}),
});

const send = endpoint({
  name: 'send',
  method: 'get',
  paths: ['/send'],
  auth: 'accessToken',
  rateLimit: 'message',
  handle: () => ({}),
});

const free = endpoint({ ...login, name: 'free', paths: ['/free'], rateLimit: false, auth: 'none', handle: () => ({}) });

const requesters = {
  bob: { ...alice, userId: '@bob:test' as UserId },
  bot: { ...alice, userId: '@bot:test' as UserId, isRateLimited: false },
};

describe('rate limits', () => {
  let api: TestApi;
  let clock: TestClock;

  beforeEach(async () => {
    clock = new TestClock();
    api = await startTestApi(
      [login, send, free],
      {},
      {
        clock,
        requesters,
        listener: { xForwardedProxies: ['127.0.0.0/8'] },
        rateLimits: {
          login: { perSecond: 0.5, burst: 2 },
          message: { perSecond: 1, burst: 3 },
          address: { perSecond: 1, burst: 4 },
        },
      },
    );
  });
  afterEach(() => api.stop());

  async function ask(path: string, headers: Record<string, string> = {}) {
    const response = await fetch(api.url + path, { headers });
    return {
      status: response.status,
      headers: response.headers,
      body: (await response.json()) as Record<string, unknown>,
    };
  }
  const as = (token: string) => ask('/send', { authorization: `Bearer ${token}` });
  const from = (address: string) => ask('/login', { 'x-forwarded-for': address });

  it('says how long to wait, in the header and in the body', async () => {
    await from('192.0.2.1');
    await from('192.0.2.1');
    const { status, headers, body } = await from('192.0.2.1');
    assert.equal(status, 429);
    assert.equal(body['errcode'], 'M_LIMIT_EXCEEDED');
    assert.equal(body['retry_after_ms'], 2_000);
    assert.equal(headers.get('retry-after'), '2');
    assert.equal(headers.get('access-control-allow-origin'), '*');
  });

  it('lets in again when the time is over', async () => {
    await from('192.0.2.1');
    await from('192.0.2.1');
    clock.advance(1_999);
    assert.equal((await from('192.0.2.1')).status, 429);
    clock.advance(1);
    assert.equal((await from('192.0.2.1')).status, 200);
    assert.equal((await from('192.0.2.1')).status, 429);
  });

  it('counts addresses apart, and one network of IPv6 as one', async () => {
    for (let i = 0; i < 3; i++) await from('192.0.2.1');
    assert.equal((await from('192.0.2.2')).status, 200);
    await from('2001:db8::1');
    await from('2001:db8:0:0:5::2');
    assert.equal((await from('2001:0DB8::abcd')).status, 429);
    assert.equal((await from('2001:db8:0:1::1')).status, 200);
  });

  it('counts users, wherever they come from', async () => {
    for (let i = 0; i < 3; i++) assert.equal((await as('alice')).status, 200);
    assert.equal((await as('alice')).status, 429);
    assert.equal((await as('bob')).status, 200);
  });

  it('does not limit who is exempt', async () => {
    for (let i = 0; i < 10; i++) assert.equal((await as('bot')).status, 200);
  });

  it('counts refused tokens against the address, and lets valid ones pass', async () => {
    for (let i = 0; i < 4; i++) assert.equal((await as('wrong')).status, 401);
    assert.equal((await as('wrong')).status, 429);
    assert.equal((await as('alice')).status, 200);
  });

  it('does not limit what declares no limit', async () => {
    for (let i = 0; i < 20; i++) assert.equal((await ask('/free')).status, 200);
  });
});
