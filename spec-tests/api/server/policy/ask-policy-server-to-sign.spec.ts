import assert from 'node:assert/strict';
import { startTestHomeserver } from '../../../support/test-homeserver.ts';
import { startServerApi, type TestServerApi } from '../../../support/test-server-api.ts';

describe('a room that has made this server its policy server', () => {
  let test: TestServerApi;
  before(async () => {
    test = await startServerApi();
  });
  after(() => test.stop());

  it('learns the key, and has its events signed with it', async () => {
    const { body } = await test.server.ask('GET', '/.well-known/matrix/policy_server');
    const roomId = await test.room();
    await test.setState(roomId, 'm.room.policy', { via: 'test.example', public_keys: body.public_keys });
    await test.member(roomId, '@there:other.example', 'join');
    const eventId = await test.say(roomId, 'hello');
    const answer = await test.ask('other.example', 'GET', `/event/${eventId}`);
    const { signatures } = answer.body.pdus[0];
    assert.ok(signatures['test.example']['ed25519:policy_server']);
    const signed = await test.ask('other.example', 'POST', '/_matrix/policy/v1/sign', answer.body.pdus[0]);
    assert.deepEqual(signed.body, {
      'test.example': { 'ed25519:policy_server': signatures['test.example']['ed25519:policy_server'] },
    });
  });

  it('is the only one that is answered', async () => {
    const roomId = await test.room();
    await test.member(roomId, '@there:other.example', 'join');
    const eventId = await test.say(roomId, 'hello');
    const { body } = await test.ask('other.example', 'GET', `/event/${eventId}`);
    const refused = await test.ask('other.example', 'POST', '/_matrix/policy/v1/sign', body.pdus[0]);
    assert.deepEqual([refused.status, refused.body.errcode], [404, 'M_NOT_FOUND']);
  });
});

describe('a server that is no policy server', () => {
  it('has no key for rooms', async () => {
    const server = await startTestHomeserver({ policy_server: { enabled: false } });
    const { status, body } = await server.ask('GET', '/.well-known/matrix/policy_server');
    assert.deepEqual([status, body.errcode], [404, 'M_NOT_FOUND']);
    await server.stop();
  });
});
