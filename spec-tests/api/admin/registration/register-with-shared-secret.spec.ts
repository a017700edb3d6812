import { strict as assert } from 'node:assert';
import { createHmac } from 'node:crypto';
import { startTestHomeserver, type TestHomeserver } from '../../../support/test-homeserver.ts';

const PATH = '/_synapse/admin/v1/register';
const SECRET = 'shared secret of the tests';

describe('registration with the shared secret', () => {
  let server: TestHomeserver;

  before(async () => {
    server = await startTestHomeserver({ registration: { mode: 'closed', shared_secret: SECRET } });
  });
  after(() => server.stop());

  async function nonce(): Promise<string> {
    return (await server.ask('GET', PATH)).body.nonce;
  }

  function signed(
    fields: { nonce: string; username: string; password: string; admin?: boolean; user_type?: string },
    secret = SECRET,
  ) {
    const { username, password, admin, user_type } = fields;
    const parts = [fields.nonce, username, password, admin ? 'admin' : 'notadmin', ...(user_type ? [user_type] : [])];
    return { ...fields, mac: createHmac('sha1', secret).update(parts.join('\0')).digest('hex') };
  }

  const register = (body: object) => server.ask('POST', PATH, { body });

  it('makes an account with a session where registration is closed', async () => {
    const { status, body } = await register(
      signed({ nonce: await nonce(), username: 'alice', password: 'a password' }),
    );
    assert.equal(status, 200);
    assert.equal(body.user_id, '@alice:test.example');
    const me = await server.ask('GET', '/v3/account/whoami', { token: body.access_token });
    assert.deepEqual([me.body.user_id, me.body.device_id], ['@alice:test.example', body.device_id]);
  });

  it('makes an administrator', async () => {
    await register(signed({ nonce: await nonce(), username: 'root', password: 'a password', admin: true }));
    const account = await server.homeserver.services.accounts.get('@root:test.example');
    assert.equal(account?.isAdmin, true);
  });

  it('takes the type of the user into the digest', async () => {
    const request = signed({ nonce: await nonce(), username: 'helper', password: 'a password', user_type: 'support' });
    assert.equal((await register(request)).status, 200);
  });

  it('refuses a digest with another secret', async () => {
    const request = signed({ nonce: await nonce(), username: 'mallory', password: 'a password' }, 'guessed');
    const { status, body } = await register(request);
    assert.deepEqual([status, body.errcode], [403, 'M_FORBIDDEN']);
  });

  it('refuses a digest for an ordinary user when an administrator is wanted', async () => {
    const request = signed({ nonce: await nonce(), username: 'mallory', password: 'a password' });
    assert.equal((await register({ ...request, admin: true })).body.errcode, 'M_FORBIDDEN');
  });

  it('takes a nonce once', async () => {
    const used = await nonce();
    await register(signed({ nonce: used, username: 'bob', password: 'a password' }));
    const { status, body } = await register(signed({ nonce: used, username: 'carol', password: 'a password' }));
    assert.deepEqual([status, body.errcode], [400, 'M_INVALID_PARAM']);
  });

  it('takes a nonce for a minute', async () => {
    const old = await nonce();
    server.clock.advance(60_000);
    const { body } = await register(signed({ nonce: old, username: 'carol', password: 'a password' }));
    assert.equal(body.errcode, 'M_INVALID_PARAM');
  });

  it('refuses a name that is taken', async () => {
    const { status, body } = await register(
      signed({ nonce: await nonce(), username: 'alice', password: 'a password' }),
    );
    assert.deepEqual([status, body.errcode], [400, 'M_USER_IN_USE']);
  });
});
