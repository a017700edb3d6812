import assert from 'node:assert/strict';
import { startTestHomeserver, type TestHomeserver, type TestUser } from '../../../support/test-homeserver.ts';

describe('OpenID tokens', () => {
  let server: TestHomeserver;
  let alice: TestUser;
  const exchange = (token: string) => server.ask('GET', `/_matrix/federation/v1/openid/userinfo?access_token=${token}`);
  const request = async () => (await alice.ask('POST', `/v3/user/${alice.userId}/openid/request_token`, {})).body;

  before(async () => {
    server = await startTestHomeserver();
    alice = await server.register('alice');
  });
  after(() => server.stop());

  it('tell another service who made them', async () => {
    const body = await request();
    assert.deepEqual([body.token_type, body.matrix_server_name, body.expires_in], ['Bearer', 'test.example', 3600]);
    assert.deepEqual((await exchange(body.access_token)).body, { sub: alice.userId });
  });

  it('are good for nothing else', async () => {
    const { access_token } = await request();
    assert.equal((await server.ask('GET', '/v3/account/whoami', { token: access_token })).status, 401);
    assert.equal((await exchange(alice.accessToken)).body.errcode, 'M_UNKNOWN_TOKEN');
  });

  it('expire', async () => {
    const { access_token } = await request();
    server.clock.advance(3_600_000);
    assert.equal((await exchange(access_token)).status, 401);
  });

  it('are not made for others', async () => {
    const answer = await alice.ask('POST', '/v3/user/@bob:test.example/openid/request_token', {});
    assert.deepEqual([answer.status, answer.body.errcode], [403, 'M_FORBIDDEN']);
  });
});
