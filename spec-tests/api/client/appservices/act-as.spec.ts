import assert from 'node:assert/strict';
import { startWithAppservices } from '../../../support/appservices.ts';
import type { TestHomeserver } from '../../../support/test-homeserver.ts';

const REGISTRATION = {
  id: 'irc',
  url: null,
  as_token: 'irc-as-token',
  hs_token: 'irc-hs-token',
  sender_localpart: 'ircbot',
  rate_limited: false,
  namespaces: {
    users: [{ exclusive: true, regex: '@irc_.*' }],
    aliases: [{ exclusive: true, regex: '#irc_.*' }],
    rooms: [],
  },
};

describe('an application service', () => {
  let server: TestHomeserver;
  before(async () => {
    server = await startWithAppservices([REGISTRATION]);
  });
  after(() => server.stop());

  const token = REGISTRATION.as_token;
  const ask = (method: string, path: string, body?: object) =>
    server.ask(method, path, { token, ...(body === undefined ? {} : { body }) });
  const register = (username: string, more: object = {}, as = token) =>
    server.ask('POST', '/v3/register', {
      token: as,
      body: { type: 'm.login.application_service', username, ...more },
    });
  const as = (userId: string) => `user_id=${encodeURIComponent(userId)}`;

  it('acts as its sender, who is there from the start and after a restart', async () => {
    const { status, body } = await ask('GET', '/v3/account/whoami');
    assert.equal(status, 200);
    assert.equal(body.user_id, '@ircbot:test.example');
    await server.restart();
    const made = await ask('POST', '/v3/createRoom', { preset: 'public_chat' });
    assert.equal(made.status, 200);
  });

  it('registers users of its namespaces and acts as them', async () => {
    const registered = await register('irc_alice', { inhibit_login: true });
    assert.equal(registered.status, 200);
    assert.equal(registered.body.access_token, undefined);
    const who = await ask('GET', `/v3/account/whoami?${as('@irc_alice:test.example')}`);
    assert.equal(who.body.user_id, '@irc_alice:test.example');
    const { body: room } = await ask('POST', `/v3/createRoom?${as('@irc_alice:test.example')}`, {});
    const sent = await ask(
      'PUT',
      `/v3/rooms/${room.room_id}/send/m.room.message/1?ts=1234&${as('@irc_alice:test.example')}`,
      { msgtype: 'm.text', body: 'from IRC' },
    );
    const event = await ask(
      'GET',
      `/v3/rooms/${room.room_id}/event/${sent.body.event_id}?${as('@irc_alice:test.example')}`,
    );
    assert.deepEqual([event.body.sender, event.body.origin_server_ts], ['@irc_alice:test.example', 1234]);
  });

  it('begins sessions of its users', async () => {
    const { body } = await register('irc_bob');
    const who = await server.ask('GET', '/v3/account/whoami', { token: body.access_token });
    assert.equal(who.body.user_id, '@irc_bob:test.example');
    const login = (user: string, by?: string) =>
      server.ask('POST', '/v3/login', {
        ...(by === undefined ? {} : { token: by }),
        body: { type: 'm.login.application_service', identifier: { type: 'm.id.user', user } },
      });
    assert.equal((await login('irc_bob', token)).body.user_id, '@irc_bob:test.example');
    assert.equal((await login('carol', token)).body.errcode, 'M_EXCLUSIVE');
    assert.equal((await login('irc_bob')).body.errcode, 'M_MISSING_TOKEN');
    assert.equal((await login('irc_bob', 'wrong')).body.errcode, 'M_UNKNOWN_TOKEN');
  });

  it('has no say about others', async () => {
    await server.register('carol');
    assert.equal((await register('carol')).body.errcode, 'M_EXCLUSIVE');
    assert.equal((await register('irc_carol', {}, 'wrong')).body.errcode, 'M_UNKNOWN_TOKEN');
    const acted = await ask('GET', `/v3/account/whoami?${as('@carol:test.example')}`);
    assert.deepEqual([acted.status, acted.body.errcode], [403, 'M_FORBIDDEN']);
    const unregistered = await ask('GET', `/v3/account/whoami?${as('@irc_nobody:test.example')}`);
    assert.equal(unregistered.body.errcode, 'M_FORBIDDEN');
    const device = await ask('GET', '/v3/account/whoami?device_id=NONE');
    assert.equal(device.body.errcode, 'M_UNKNOWN_DEVICE');
  });

  it('has its names for itself', async () => {
    const taken = await server.ask('POST', '/v3/register', {
      body: { username: 'irc_dave', password: 'p', auth: { type: 'm.login.dummy' } },
    });
    assert.equal(taken.body.errcode, 'M_EXCLUSIVE');
    const dave = await server.register('dave');
    const alias = await dave.ask('POST', '/v3/createRoom', { room_alias_name: 'irc_chat' });
    assert.equal(alias.body.errcode, 'M_EXCLUSIVE');
    assert.equal((await ask('POST', '/v3/createRoom', { room_alias_name: 'irc_chat' })).status, 200);
  });

  it('is not let in twice under one name', async () => {
    await register('irc_twice');
    assert.equal((await register('irc_twice')).body.errcode, 'M_USER_IN_USE');
  });
});
