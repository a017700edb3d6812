import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { startTestHomeserver, type TestHomeserver, type TestUser } from '../../../support/test-homeserver.ts';

describe('Redactions', () => {
  let server: TestHomeserver;
  let alice: TestUser;
  let bob: TestUser;
  let txn = 0;

  before(async () => {
    server = await startTestHomeserver();
    alice = await server.register('alice');
    bob = await server.register('bob');
  });
  after(() => server.stop());

  const make = async (version: string) => {
    const request = { preset: 'public_chat', room_version: version };
    const roomId = (await alice.ask('POST', '/v3/createRoom', request)).body.room_id;
    const room = `/v3/rooms/${encodeURIComponent(roomId)}`;
    await bob.ask('POST', `${room}/join`, {});
    const send = async (user: TestUser, content: object, type = 'm.room.message'): Promise<string> =>
      (await user.ask('PUT', `${room}/send/${type}/${++txn}`, content)).body.event_id;
    const content = async (id: string) => (await alice.ask('GET', `${room}/event/${id}`)).body.content;
    const redact = (user: TestUser, id: string, body: object) => user.ask('PUT', `${room}/redact/${id}/${++txn}`, body);
    return { send, content, redact };
  };
  const relating = (rel_type: string, event_id: string) => ({
    msgtype: 'm.text',
    body: rel_type,
    'm.relates_to': { rel_type, event_id, ...(rel_type === 'm.annotation' ? { key: 'k' } : {}) },
  });

  it('take along what relates to the event in the given ways', async () => {
    for (const key of ['with_rel_types', 'org.matrix.msc3912.with_relations']) {
      const { send, content, redact } = await make('12');
      const root = await send(alice, { msgtype: 'm.text', body: 'root' });
      const edit = await send(alice, relating('m.replace', root));
      const reply = await send(bob, relating('m.thread', root));
      const reference = await send(bob, relating('m.reference', root));
      const answer = await redact(alice, root, { reason: 'why', [key]: ['m.replace', 'm.thread'] });
      strictEqual(answer.status, 200);
      for (const id of [root, edit, reply]) deepStrictEqual(await content(id), {});
      strictEqual((await content(reference)).body, 'm.reference');
    }
  });

  it('take along everything, but nothing that their sender may not redact', async () => {
    const { send, content, redact } = await make('12');
    const root = await send(bob, { msgtype: 'm.text', body: 'root' });
    const own = await send(bob, relating('m.thread', root));
    const other = await send(alice, relating('m.reference', root));
    strictEqual((await redact(bob, root, { with_rel_types: ['*'] })).status, 200);
    deepStrictEqual([await content(root), await content(own)], [{}, {}]);
    strictEqual((await content(other)).body, 'm.reference');
  });

  it('can be sent like anything else, whatever the version of the room', async () => {
    for (const version of ['10', '12']) {
      const { send, content } = await make(version);
      const event = await send(alice, { msgtype: 'm.text', body: 'x' });
      await send(alice, { redacts: event, reason: 'why' }, 'm.room.redaction');
      deepStrictEqual(await content(event), {});
    }
  });
});
