import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { startTestHomeserver } from '../../../support/test-homeserver.ts';

describe('GET /voip/turnServer', () => {
  const uris = ['turn:turn.example.org?transport=udp', 'turns:turn.example.org'];

  it('gives credentials that the TURN server can check, and that end', async () => {
    const server = await startTestHomeserver({
      voip: { turn_uris: uris, turn_shared_secret: 'shared', turn_lifetime: '1h' },
      registration: { guests: true },
    });
    try {
      const alice = await server.register('alice');
      const { body } = await alice.ask('GET', '/v3/voip/turnServer');
      const username = `${Math.floor(server.clock.now() / 1000) + 3_600}:${alice.userId}`;
      const password = createHmac('sha1', 'shared').update(username).digest('base64');
      deepStrictEqual(body, { username, password, uris, ttl: 3_600 });
      const guest = await server.ask('POST', '/v3/register?kind=guest', { body: {} });
      const refused = await server.ask('GET', '/v3/voip/turnServer', { token: guest.body.access_token });
      strictEqual(refused.status, 403);
    } finally {
      await server.stop();
    }
  });

  it('names no server where there is none', async () => {
    const server = await startTestHomeserver();
    try {
      const { status, body } = await (await server.register('alice')).ask('GET', '/v3/voip/turnServer');
      deepStrictEqual([status, body], [200, { username: '', password: '', uris: [], ttl: 86_400 }]);
    } finally {
      await server.stop();
    }
  });
});
