import assert from 'node:assert/strict';
import { startWithAppservices } from '../../../support/appservices.ts';
import type { TestHomeserver, TestUser } from '../../../support/test-homeserver.ts';

describe('The rooms of a network that an application service bridges', () => {
  let server: TestHomeserver;
  let alice: TestUser;
  let bridged: string;
  let lounge: string;

  before(async () => {
    server = await startWithAppservices([
      { id: 'irc', url: null },
      { id: 'i|c', url: null, sender_localpart: 'i.c' },
    ]);
    alice = await server.register('alice');
    const create = async (body: object): Promise<string> =>
      (await alice.ask('POST', '/v3/createRoom', body)).body.room_id;
    bridged = await create({ name: 'Bridged' });
    lounge = await create({ name: 'Lounge', visibility: 'public' });
  });
  after(() => server.stop());

  const publish = (visibility: unknown, { network = 'libera', room = bridged, token = 'irc-as' } = {}) =>
    server.ask('PUT', `/v3/directory/list/appservice/${encodeURIComponent(network)}/${encodeURIComponent(room)}`, {
      token,
      body: { visibility },
    });
  const listed = async (body: object): Promise<string[]> => {
    const { body: page } = await alice.ask('POST', '/v3/publicRooms', body);
    return page.chunk.map(({ name }: { name: string }) => name).sort();
  };

  it('are listed where that network, or all, are asked for', async () => {
    assert.deepEqual(await publish('public').then(({ status, body }) => [status, body]), [200, {}]);
    assert.equal((await publish('public')).status, 200);
    assert.deepEqual(await listed({}), ['Lounge']);
    assert.deepEqual(await listed({ third_party_instance_id: null }), ['Lounge']);
    assert.deepEqual(await listed({ third_party_instance_id: 'irc|libera' }), ['Bridged']);
    assert.deepEqual(await listed({ third_party_instance_id: 'irc|oftc' }), []);
    assert.deepEqual(await listed({ include_all_networks: true }), ['Bridged', 'Lounge']);
    const filter = { generic_search_term: 'lou' };
    assert.deepEqual(await listed({ include_all_networks: true, filter }), ['Lounge']);
  });

  it('are each listed once, also where people publish them, too', async () => {
    await publish('public', { room: lounge });
    assert.deepEqual(await listed({ include_all_networks: true }), ['Bridged', 'Lounge']);
    assert.deepEqual(await listed({ third_party_instance_id: 'irc|libera' }), ['Bridged', 'Lounge']);
    await publish('private', { room: lounge });
    assert.deepEqual(await listed({ third_party_instance_id: 'irc|libera' }), ['Bridged']);
    assert.deepEqual(await listed({}), ['Lounge']);
  });

  it('are those of one application service alone, however it is called', async () => {
    await publish('public', { token: 'i|c-as', network: 'x' });
    await publish('private', { token: 'i|c-as' });
    assert.deepEqual(await listed({ third_party_instance_id: 'i%7Cc|x' }), ['Bridged']);
    assert.deepEqual(await listed({ third_party_instance_id: 'i|c|x' }), []);
    assert.deepEqual(await listed({ third_party_instance_id: 'irc|libera' }), ['Bridged']);
  });

  it('are listed no longer when the application service takes them back', async () => {
    assert.equal((await publish('private')).status, 200);
    assert.equal((await publish('private')).status, 200);
    assert.deepEqual(await listed({ third_party_instance_id: 'irc|libera' }), []);
  });

  it('are chosen by application services only, among rooms that are there', async () => {
    const refused = async (answer: ReturnType<typeof publish>) => (await answer).body.errcode;
    assert.equal(await refused(publish('public', { token: alice.accessToken })), 'M_FORBIDDEN');
    assert.equal(await refused(publish('public', { room: '!nowhere:test.example' })), 'M_NOT_FOUND');
    assert.equal(await refused(publish('public', { network: 'x'.repeat(600) })), 'M_INVALID_PARAM');
    assert.equal(await refused(publish('maybe')), 'M_BAD_JSON');
    assert.equal(await refused(publish(undefined)), 'M_MISSING_PARAM');
  });
});
