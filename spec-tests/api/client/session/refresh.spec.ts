import assert from 'node:assert/strict';
import { startTestHomeserver, TEST_PASSWORD, type TestHomeserver } from '../../../support/test-homeserver.ts';

describe('POST /refresh', () => {
  let server: TestHomeserver;
  const whoami = (token: string) => server.ask('GET', '/v3/account/whoami', { token });
  const refresh = (refresh_token: string) => server.ask('POST', '/v3/refresh', { body: { refresh_token } });
  const login = async () => {
    const body = { type: 'm.login.password', user: 'alice', password: TEST_PASSWORD, refresh_token: true };
    return (await server.ask('POST', '/v3/login', { body })).body;
  };

  before(async () => {
    const sessions = { refresh_token_lifetime: '1h', access_token_lifetime: '2h' };
    server = await startTestHomeserver({ sessions });
    await server.register('alice');
  });
  after(() => server.stop());

  it('gives new tokens for the same device', async () => {
    const session = await login();
    const { status, body } = await refresh(session.refresh_token);
    assert.equal(status, 200);
    assert.equal(body.expires_in_ms, 300_000);
    assert.notEqual(body.refresh_token, session.refresh_token);
    assert.equal((await whoami(body.access_token)).body.device_id, session.device_id);
  });

  it('softly logs out a token that has expired, until it is refreshed', async () => {
    const session = await login();
    server.clock.advance(300_000);
    const expired = await whoami(session.access_token);
    assert.deepEqual([expired.status, expired.body.errcode, expired.body.soft_logout], [401, 'M_UNKNOWN_TOKEN', true]);
    const { body } = await refresh(session.refresh_token);
    assert.equal((await whoami(body.access_token)).status, 200);
  });

  it('takes the same refresh token again when the reply was lost', async () => {
    const session = await login();
    const lost = (await refresh(session.refresh_token)).body;
    const second = await refresh(session.refresh_token);
    assert.equal(second.status, 200);
    assert.equal((await whoami(session.access_token)).status, 200);
    assert.equal((await whoami(second.body.access_token)).status, 200);
    assert.equal((await whoami(lost.access_token)).body.errcode, 'M_UNKNOWN_TOKEN');
  });

  for (const what of ['access', 'refresh'] as const) {
    it(`ends the old tokens when the new ${what} token is used`, async () => {
      const session = await login();
      await whoami(session.access_token);
      const { body } = await refresh(session.refresh_token);
      if (what === 'access') assert.equal((await whoami(body.access_token)).status, 200);
      else assert.equal((await refresh(body.refresh_token)).status, 200);
      const old = await refresh(session.refresh_token);
      assert.deepEqual([old.status, old.body.errcode], [401, 'M_UNKNOWN_TOKEN']);
      assert.equal((await whoami(session.access_token)).body.errcode, 'M_UNKNOWN_TOKEN');
      assert.equal((await whoami(body.access_token)).status, 200);
    });
  }

  it('remembers across a restart which tokens were used', async () => {
    const session = await login();
    const { body } = await refresh(session.refresh_token);
    await whoami(body.access_token);
    await server.restart();
    assert.equal((await whoami(body.access_token)).status, 200);
    assert.equal((await refresh(session.refresh_token)).status, 401);
    assert.equal((await refresh(body.refresh_token)).status, 200);
  });

  it('softly logs out who did not refresh for longer than is configured', async () => {
    const session = await login();
    server.clock.advance(3_600_000);
    const { status, body } = await refresh(session.refresh_token);
    assert.deepEqual([status, body.errcode, body.soft_logout], [401, 'M_UNKNOWN_TOKEN', true]);
  });

  it('softly logs out clients that cannot refresh when their lifetime is over', async () => {
    const alice = await server.login('alice');
    server.clock.advance(7_199_999);
    assert.equal((await alice.ask('GET', '/v3/account/whoami')).status, 200);
    server.clock.advance(1);
    assert.equal((await alice.ask('GET', '/v3/account/whoami')).body.soft_logout, true);
  });

  it('refuses unknown tokens, access tokens, and tokens of devices that are gone', async () => {
    const session = await login();
    assert.equal((await refresh('nonsense')).body.soft_logout, false);
    assert.equal((await refresh(session.access_token)).status, 401);
    await server.ask('POST', '/v3/logout', { token: session.access_token });
    assert.equal((await refresh(session.refresh_token)).status, 401);
  });
});
