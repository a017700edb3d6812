import assert from 'node:assert/strict';
import { startTestHomeserver, type TestHomeserver, type TestUser } from '../../../support/test-homeserver.ts';

describe('PUT /sendToDevice/{eventType}/{txnId}', () => {
  let server: TestHomeserver;
  let alice: TestUser;
  let bob: TestUser;

  before(async () => {
    server = await startTestHomeserver();
    alice = await server.register('alice');
    bob = await server.register('bob');
  });
  after(() => server.stop());

  const send = (txnId: string, body: object) => alice.ask('PUT', `/v3/sendToDevice/m.test/${txnId}`, body);
  const waiting = async (user: TestUser) => {
    const { toDevice, storage } = server.homeserver.services;
    const rows = await toDevice.pending(user.userId, user.deviceId, 0, storage.head, 100);
    return rows.map(({ json }) => JSON.parse(json));
  };

  it('puts a message into the queue of a device, once for each transaction id', async () => {
    const body = { messages: { [bob.userId]: { [bob.deviceId]: { body: 'hello' } } } };
    for (let i = 0; i < 2; i++) assert.deepEqual((await send('one', body)).body, {});
    const message = { type: 'm.test', sender: alice.userId, content: { body: 'hello' } };
    assert.deepEqual(await waiting(bob), [message]);
    await send('two', body);
    assert.deepEqual(await waiting(bob), [message, message]);
  });

  it('keeps the transaction ids of devices apart', async () => {
    const other = await server.login('alice');
    const body = { messages: { [alice.userId]: { [alice.deviceId]: {} } } };
    await send('same', body);
    await other.ask('PUT', '/v3/sendToDevice/m.test/same', body);
    assert.equal((await waiting(alice)).length, 2);
  });

  it('refuses a body of another form', async () => {
    assert.equal((await send('a', {})).body.errcode, 'M_MISSING_PARAM');
    assert.equal(
      (await send('b', { messages: { [bob.userId]: { [bob.deviceId]: 'text' } } })).body.errcode,
      'M_BAD_JSON',
    );
  });
});
