import assert from 'node:assert/strict';
import { endpoint } from '../../src/http/endpoint.ts';
import { alice, startTestApi, type TestApi } from '../support/test-api.ts';

const AUTHS = ['none', 'optional', 'accessToken', 'appservice', 'admin'] as const;

const byScheme = AUTHS.map((auth) =>
  endpoint({
    name: auth,
    method: 'get',
    paths: [`/${auth}`],
    auth,
    rateLimit: false,
    handle: ({ requester }) => ({ user: requester?.userId ?? null }),
  }),
);

const write = endpoint({
  name: 'write',
  method: 'put',
  paths: ['/write'],
  auth: 'accessToken',
  rateLimit: false,
  handle: () => ({}),
});

const open = endpoint({
  name: 'open',
  method: 'put',
  paths: ['/open'],
  auth: 'accessToken',
  rateLimit: false,
  allow: { guests: true, suspended: true, locked: true },
  handle: () => ({}),
});

const requesters = {
  admin: { ...alice, isAdmin: true },
  guest: { ...alice, isGuest: true },
  suspended: { ...alice, isSuspended: true },
  locked: { ...alice, isLocked: true },
  bridge: { ...alice, appserviceId: 'irc' },
};

describe('access', () => {
  let api: TestApi;

  before(async () => {
    api = await startTestApi([...byScheme, write, open], {}, { requesters });
  });
  after(() => api.stop());

  async function ask(method: string, path: string, token?: string) {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const response = await fetch(api.url + path, { method, headers });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  }

  const cases: readonly [string, string, string | undefined, number, string?][] = [
    ['GET', '/none', undefined, 200],
    ['GET', '/none', 'wrong', 200],
    ['GET', '/optional', undefined, 200],
    ['GET', '/optional', 'alice', 200],
    ['GET', '/optional', 'wrong', 401, 'M_UNKNOWN_TOKEN'],
    ['GET', '/accessToken', undefined, 401, 'M_MISSING_TOKEN'],
    ['GET', '/accessToken', 'wrong', 401, 'M_UNKNOWN_TOKEN'],
    ['GET', '/accessToken', 'alice', 200],
    ['GET', '/appservice', 'alice', 403, 'M_FORBIDDEN'],
    ['GET', '/appservice', 'bridge', 200],
    ['GET', '/admin', 'alice', 403, 'M_FORBIDDEN'],
    ['GET', '/admin', 'admin', 200],
    ['GET', '/accessToken', 'guest', 403, 'M_GUEST_ACCESS_FORBIDDEN'],
    ['GET', '/accessToken', 'suspended', 200],
    ['PUT', '/write', 'suspended', 403, 'M_USER_SUSPENDED'],
    ['GET', '/accessToken', 'locked', 401, 'M_USER_LOCKED'],
    ['PUT', '/open', 'guest', 200],
    ['PUT', '/open', 'suspended', 200],
    ['PUT', '/open', 'locked', 200],
  ];
  for (const [method, path, token, status, errcode] of cases) {
    it(`answers ${method} ${path} with ${token === undefined ? 'no token' : `the token "${token}"`} with ${errcode ?? status}`, async () => {
      const answer = await ask(method, path, token);
      assert.equal(answer.status, status);
      assert.equal(answer.body['errcode'], errcode);
    });
  }

  it('tells the client of a locked account to keep its data', async () => {
    assert.equal((await ask('PUT', '/write', 'locked')).body['soft_logout'], true);
  });

  it('takes the token from the query', async () => {
    assert.equal((await ask('GET', '/accessToken?access_token=alice')).body['user'], '@alice:test');
    assert.equal((await ask('GET', '/accessToken?access_token=')).body['errcode'], 'M_MISSING_TOKEN');
  });
});
