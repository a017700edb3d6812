import assert from 'node:assert/strict';
import { endpoint } from '../../src/http/endpoint.ts';
import { startTestApi, type TestApi } from '../support/test-api.ts';

const PREFIX = '/_matrix/client/v3/rooms';

const getState = endpoint({
  name: 'getState',
  method: 'get',
  paths: [`${PREFIX}/{roomId}/state/{eventType}`, `${PREFIX}/{roomId}/state/{eventType}/{stateKey}`],
  auth: 'none',
  rateLimit: false,
  handle: ({ params }) => ({ ...params }),
});

const setState = endpoint({
  name: 'setState',
  method: 'put',
  paths: [`${PREFIX}/{roomId}/state/{eventType}/{stateKey}`],
  auth: 'none',
  rateLimit: false,
  handle: ({ params }) => ({ set: params.stateKey }),
});

const getRules = endpoint({
  name: 'getRules',
  method: 'get',
  paths: ['/_matrix/client/v3/pushrules', '/_matrix/client/v3/pushrules/'],
  auth: 'none',
  rateLimit: false,
  handle: () => ({ rules: true }),
});

const getAlias = endpoint({
  name: 'getAlias',
  method: 'get',
  paths: ['/_matrix/client/v3/directory/room/{roomAlias}'],
  auth: 'none',
  rateLimit: false,
  handle: ({ params }) => ({ alias: params.roomAlias }),
});

describe('matching', () => {
  let api: TestApi;

  before(async () => {
    api = await startTestApi([getState, setState, getRules, getAlias], {});
  });
  after(() => api.stop());

  async function ask(method: string, path: string): Promise<{ status: number; body: unknown; headers: Headers }> {
    const response = await fetch(api.url + path, { method });
    const text = await response.text();
    return { status: response.status, body: text === '' ? undefined : JSON.parse(text), headers: response.headers };
  }

  const rooms: readonly [string, string][] = [
    ['!a:example.org', '!a:example.org'],
    ['%21a%3Aexample.org', '!a:example.org'],
    ['%21a%2Fb%3Aexample.org', '!a/b:example.org'],
    ['!a%252Fb:example.org', '!a%2Fb:example.org'],
    ['!%F0%9F%90%88%3Fx%23y:example.org', '!🐈?x#y:example.org'],
    ['!31hneApxJ_1o-63DmFrpeqnkFfWppnzWso1JvH3ogLM', '!31hneApxJ_1o-63DmFrpeqnkFfWppnzWso1JvH3ogLM'],
  ];
  for (const [sent, meant] of rooms) {
    it(`reads the room id ${sent}`, async () => {
      const { status, body } = await ask('GET', `${PREFIX}/${sent}/state/m.room.name`);
      assert.equal(status, 200);
      assert.deepEqual(body, { roomId: meant, eventType: 'm.room.name' });
    });
  }

  it('gives an empty state key for a path that ends with a slash', async () => {
    const { body } = await ask('GET', `${PREFIX}/!a:b/state/m.room.name/`);
    assert.deepEqual(body, { roomId: '!a:b', eventType: 'm.room.name', stateKey: '' });
  });

  it('keeps the slashes of a state key that are encoded', async () => {
    const { body } = await ask('GET', `${PREFIX}/!a:b/state/x/https%3A%2F%2Fe.org%2F%25`);
    assert.deepEqual(body, { roomId: '!a:b', eventType: 'x', stateKey: 'https://e.org/%' });
  });

  it('finds an endpoint with and without the slash at its end if it declares both', async () => {
    assert.equal((await ask('GET', '/_matrix/client/v3/pushrules')).status, 200);
    assert.equal((await ask('GET', '/_matrix/client/v3/pushrules/')).status, 200);
  });

  const bad: readonly [string, string][] = [
    ['half of an escape', `${PREFIX}/!a%2:b/state/x`],
    ['an escape that is not hexadecimal', `${PREFIX}/!a%zz:b/state/x`],
    ['escapes that are not UTF-8', `${PREFIX}/!a%ff%fe:b/state/x`],
    ['an encoded NUL', `${PREFIX}/!a:b/state/x%00`],
    ['a room id without sigil', `${PREFIX}/a:b/state/x`],
    ['an empty room id', `${PREFIX}//state/x`],
    ['a room id of more than 255 bytes', `${PREFIX}/!${'é'.repeat(127)}:b/state/x`],
    ['an alias without server', '/_matrix/client/v3/directory/room/%23a'],
  ];
  for (const [what, path] of bad) {
    it(`refuses ${what} with M_INVALID_PARAM`, async () => {
      const { status, body } = await ask('GET', path);
      assert.equal(status, 400);
      assert.equal((body as { errcode: string }).errcode, 'M_INVALID_PARAM');
    });
  }

  it('answers an unknown path with 404 M_UNRECOGNIZED', async () => {
    for (const path of ['/', '/_matrix', '/_matrix/client/v3/nothing', `${PREFIX}/!a:b/state/x/y/z`, '/favicon.ico']) {
      const { status, body } = await ask('GET', path);
      assert.equal(status, 404, path);
      assert.equal((body as { errcode: string }).errcode, 'M_UNRECOGNIZED');
    }
  });

  it('answers a known path with a wrong method with 405 M_UNRECOGNIZED', async () => {
    for (const method of ['POST', 'DELETE', 'PATCH']) {
      const { status, body } = await ask(method, `${PREFIX}/!a:b/state/x/y`);
      assert.equal(status, 405);
      assert.equal((body as { errcode: string }).errcode, 'M_UNRECOGNIZED');
    }
  });

  it('answers HEAD as GET without a body', async () => {
    const { status, body, headers } = await ask('HEAD', '/_matrix/client/v3/pushrules');
    assert.equal(status, 200);
    assert.equal(body, undefined);
    assert.equal(headers.get('content-length'), '14');
  });

  it('answers OPTIONS of any path for browsers', async () => {
    for (const path of ['/_matrix/client/v3/pushrules', '/_matrix/client/v3/nothing']) {
      const { status, headers } = await ask('OPTIONS', path);
      assert.equal(status, 204);
      assert.equal(headers.get('access-control-allow-origin'), '*');
      assert.match(headers.get('access-control-allow-methods') ?? '', /PUT/);
      assert.match(headers.get('access-control-allow-headers') ?? '', /Authorization/);
    }
  });
});
