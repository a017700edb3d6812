import assert from 'node:assert/strict';
import { startTestHomeserver, type TestHomeserver } from '../../support/test-homeserver.ts';

describe('SessionAuthenticator', () => {
  let server: TestHomeserver;
  const use = { address: '10.0.0.1', headers: { 'user-agent': 'a test' } };
  const services = () => server.homeserver.services;

  beforeEach(async () => {
    server = await startTestHomeserver({
      rate_limits: { exempt_users: ['@bot:test.example'] },
      limits: { session_cache_entries: 2 },
    });
  });
  afterEach(() => server.stop());

  it('knows a token that was used before without a promise', async () => {
    const alice = await server.register('alice');
    const { sessionAuthenticator } = services();
    const first = await sessionAuthenticator.accessToken(alice.accessToken, use);
    const second = sessionAuthenticator.accessToken(alice.accessToken, use);
    assert.ok(!(second instanceof Promise));
    assert.deepEqual(second, first);
    assert.deepEqual(
      { ...second, tokenId: '' },
      {
        userId: '@alice:test.example',
        deviceId: alice.deviceId,
        tokenId: '',
        isGuest: false,
        isAdmin: false,
        isSuspended: false,
        limitFactor: 1,
        isLocked: false,
        isRateLimited: true,
      },
    );
    assert.ok(!JSON.stringify(second).includes(alice.accessToken));
  });

  it('sees at once that an account became an administrator’s', async () => {
    const alice = await server.register('alice');
    const { sessionAuthenticator, accounts } = services();
    await sessionAuthenticator.accessToken(alice.accessToken, use);
    await accounts.setAdmin(alice.userId, true);
    assert.equal((await sessionAuthenticator.accessToken(alice.accessToken, use)).isAdmin, true);
  });

  it('exempts from rate limits whom the configuration names', async () => {
    const bot = await server.register('bot');
    assert.equal((await services().sessionAuthenticator.accessToken(bot.accessToken, use)).isRateLimited, false);
  });

  it('keeps a bounded number of tokens and finds the others again', async () => {
    const users = [await server.register('a'), await server.register('b'), await server.register('c')];
    const { sessionAuthenticator } = services();
    for (const user of users) await sessionAuthenticator.accessToken(user.accessToken, use);
    const answers = users.map((user) => sessionAuthenticator.accessToken(user.accessToken, use));
    assert.equal(answers.filter((answer) => answer instanceof Promise).length, 1);
    assert.deepEqual(
      (await Promise.all(answers)).map((owner) => owner.userId),
      users.map((user) => user.userId),
    );
  });

  it('notes where and with what a device is used, without a write for each request', async () => {
    const alice = await server.register('alice');
    const { sessionAuthenticator, devices, lastSeen, storage } = services();
    await sessionAuthenticator.accessToken(alice.accessToken, use);
    await lastSeen.flush();
    server.clock.advance(30_000);
    await sessionAuthenticator.accessToken(alice.accessToken, use);
    assert.equal(lastSeen.pending(alice.userId, alice.deviceId), undefined);
    await sessionAuthenticator.accessToken(alice.accessToken, { ...use, address: '10.0.0.2' });
    assert.equal((await devices.get(alice.userId, alice.deviceId))?.lastSeenIp, '10.0.0.2');
    const row = await storage.read((tx) => tx.devices.byId(alice.userId, alice.deviceId));
    assert.equal(row?.last_seen_ip, '10.0.0.1');
    assert.equal(row?.last_seen_user_agent, 'a test');
  });

  for (const token of ['', 'nonsense', 'x'.repeat(10_000)]) {
    it(`refuses ${JSON.stringify(token.slice(0, 10))}`, async () => {
      await assert.rejects(async () => services().sessionAuthenticator.accessToken(token, use), {
        errcode: 'M_UNKNOWN_TOKEN',
      });
    });
  }
});
