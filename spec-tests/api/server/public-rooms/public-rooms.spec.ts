import assert from 'node:assert/strict';
import { bodyOf, reply, type ScriptedServer, startScriptedServer } from '../../../support/scripted-server.ts';
import { startTestFederation, type TestFederation, type TestPeer } from '../../../support/test-federation.ts';

describe('Published rooms across servers', function () {
  this.timeout(30_000);
  let federation: TestFederation;
  let here: TestPeer;
  let there: TestPeer;
  let scripted: ScriptedServer;
  let den = '';
  let token = '';

  before(async function () {
    federation = await startTestFederation(this, 2);
    [here, there] = federation.servers as [TestPeer, TestPeer];
    scripted = await startScriptedServer(federation.ca, federation.clock);
    const alice = await there.register('alice');
    const create = async (name: string) =>
      (await alice.ask('POST', '/v3/createRoom', { name, visibility: 'public', preset: 'public_chat' })).body.room_id;
    den = await create('Den');
    await create('Attic');
    await alice.ask('POST', '/v3/createRoom', { name: 'Hidden' });
    token = (await here.register('bob')).accessToken;
  });
  after(async () => {
    await scripted?.close();
    await federation?.stop();
  });

  const list = (server: string, query = '') =>
    here.ask('GET', `/v3/publicRooms?server=${encodeURIComponent(server)}${query}`);

  it('are listed page by page', async () => {
    const first = await list(there.serverName, '&limit=1');
    assert.equal(first.body.chunk.length, 1);
    assert.equal(first.body.total_room_count_estimate, 2);
    const second = await list(there.serverName, `&limit=1&since=${encodeURIComponent(first.body.next_batch)}`);
    const names = [...first.body.chunk, ...second.body.chunk].map(({ name }: { name: string }) => name);
    assert.deepEqual(names.sort(), ['Attic', 'Den']);
  });

  it('are searched', async () => {
    const { body } = await here.ask('POST', `/v3/publicRooms?server=${there.serverName}`, {
      token,
      body: { filter: { generic_search_term: 'den' } },
    });
    assert.deepEqual(
      body.chunk.map(({ room_id }: { room_id: string }) => room_id),
      [den],
    );
  });

  it('are those of a network, where it is asked for', async () => {
    const of = async (networks: object) => {
      const body = { limit: 5, ...networks };
      return (await here.ask('POST', `/v3/publicRooms?server=${there.serverName}`, { token, body })).body.chunk.length;
    };
    assert.equal(await of({ include_all_networks: true }), 2);
    assert.equal(await of({ third_party_instance_id: 'irc|libera' }), 0);
  });

  it('are refused where the server is none or cannot be reached', async () => {
    assert.equal((await list('no server')).body.errcode, 'M_INVALID_PARAM');
    assert.equal((await list('localhost:1')).status, 502);
  });

  it('are not told where that is switched off', async () => {
    const silent = await federation.add({ federation: { public_rooms: false } });
    assert.equal((await list(silent.serverName)).status, 502);
  });

  it('are read with care', async () => {
    let asked: unknown;
    scripted.answer = (request, response) => {
      void bodyOf(request).then((text) => {
        asked = JSON.parse(text);
        const chunk = [null, {}, { room_id: '!a:b', num_joined_members: 'x', name: 1, topic: 't', world_readable: 1 }];
        reply(response, { chunk, total_room_count_estimate: 'many', next_batch: 5, errcode: 'x' });
      });
    };
    const { status, body } = await here.ask('POST', `/v3/publicRooms?server=${scripted.serverName}`, {
      token,
      body: { limit: 5, filter: { room_types: [null] } },
    });
    assert.deepEqual(asked, { limit: 5, filter: { room_types: [null] } });
    const room = { room_id: '!a:b', num_joined_members: 0, world_readable: false, guest_can_join: false };
    const chunk = [{ ...room, join_rule: 'public', topic: 't' }];
    assert.deepEqual([status, body], [200, { chunk, total_room_count_estimate: 1 }]);
  });

  it('are listed for servers that have signed, without a limit too', async () => {
    const uri = '/_matrix/federation/v1/publicRooms';
    const { body } = await scripted.ask(there.serverName, { uri: `${uri}?limit=0` });
    assert.equal(body.chunk.length, 2);
    const posted = await scripted.ask(there.serverName, { method: 'POST', uri, content: { filter: null } });
    assert.equal(posted.body.errcode, 'M_BAD_JSON');
  });
});
