import assert from 'node:assert/strict';
import { startTestHomeserver, type TestHomeserver, type TestUser } from '../../../support/test-homeserver.ts';

interface Told {
  room_id: string;
  name: string;
  room_type?: string;
  children_state: { state_key: string; content: object; origin_server_ts: number }[];
}

describe('the hierarchy of a space', () => {
  let server: TestHomeserver;
  let alice: TestUser;
  let bob: TestUser;
  let top: string;
  const ids = new Map<string, string>();

  before(async () => {
    server = await startTestHomeserver();
    alice = await server.register('alice');
    bob = await server.register('bob');
    for (const [name, type, preset] of [
      ['top', 'm.space', 'public_chat'],
      ['sub', 'm.space', 'public_chat'],
      ['general', undefined, 'public_chat'],
      ['random', undefined, 'public_chat'],
      ['secret', undefined, 'private_chat'],
      ['deep', undefined, 'public_chat'],
    ] as const) {
      const creation_content = type === undefined ? {} : { type };
      const { body } = await alice.ask('POST', '/v3/createRoom', { name, preset, creation_content });
      ids.set(name, body.room_id);
    }
    top = ids.get('top')!;
    await child('top', 'random', { order: 'b' });
    await child('top', 'secret');
    await child('top', 'general', { order: 'a', suggested: true });
    await child('top', 'sub', { order: 'aa' });
    await child('sub', 'deep');
    await child('sub', 'top');
  });
  after(() => server.stop());

  const child = (of: string, name: string, content: object = {}) =>
    alice.ask('PUT', `/v3/rooms/${ids.get(of)}/state/m.space.child/${ids.get(name)}`, { via: ['test'], ...content });
  const ask = (query = '', who = alice) => who.ask('GET', `/v1/rooms/${top}/hierarchy${query}`);
  const names = (body: { rooms: Told[] }) => body.rooms.map((room) => room.name);

  it('has each room once, depth first, in the order of the space', async () => {
    const { body } = await ask();
    assert.deepEqual(names(body), ['top', 'general', 'sub', 'deep', 'random', 'secret']);
    assert.equal(body.next_batch, undefined);
    const [first, general] = body.rooms as Told[];
    assert.equal(first!.room_type, 'm.space');
    const order = ['general', 'sub', 'random', 'secret'].map((name) => ids.get(name));
    assert.deepEqual(
      first!.children_state.map((event) => event.state_key),
      order,
    );
    assert.equal(typeof first!.children_state[0]!.origin_server_ts, 'number');
    assert.deepEqual(general!.children_state, []);
  });

  it('leaves out rooms that the user may not see, and nothing is shown of a room that is private', async () => {
    assert.deepEqual(names((await ask('', bob)).body), ['top', 'general', 'sub', 'deep', 'random']);
    const hidden = await bob.ask('GET', `/v1/rooms/${ids.get('secret')}/hierarchy`);
    assert.deepEqual([hidden.status, hidden.body.errcode], [403, 'M_FORBIDDEN']);
    const unknown = await bob.ask('GET', '/v1/rooms/!nothing:test.example/hierarchy');
    assert.deepEqual([unknown.status, unknown.body.errcode], [403, 'M_FORBIDDEN']);
  });

  it('goes as deep as asked, and to suggested rooms alone', async () => {
    assert.deepEqual(names((await ask('?max_depth=0')).body), ['top']);
    assert.deepEqual(names((await ask('?max_depth=1')).body), ['top', 'general', 'sub', 'random', 'secret']);
    const { body } = await ask('?suggested_only=true');
    assert.deepEqual(names(body), ['top', 'general']);
    assert.equal(body.rooms[0].children_state.length, 1);
  });

  it('comes in pages, over a restart of the server too', async () => {
    const first = (await ask('?limit=4')).body;
    assert.deepEqual(names(first), ['top', 'general', 'sub', 'deep']);
    await server.restart();
    const second = (await ask(`?limit=4&from=${first.next_batch}`)).body;
    assert.deepEqual([names(second), second.next_batch], [['random', 'secret'], undefined]);
    for (const query of [`?max_depth=1&from=${first.next_batch}`, '?from=x', '?limit=0', '?max_depth=-1']) {
      assert.equal((await ask(query)).body.errcode, 'M_INVALID_PARAM', query);
    }
  });

  it('has no rooms whose place in the space was taken away or tells no server', async () => {
    await child('top', 'random', { via: [] });
    await alice.ask('PUT', `/v3/rooms/${top}/state/m.space.child/${ids.get('sub')}`, {});
    assert.deepEqual(names((await ask()).body), ['top', 'general', 'secret']);
  });
});
