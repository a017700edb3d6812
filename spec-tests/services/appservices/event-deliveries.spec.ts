import assert from 'node:assert/strict';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { startWithAppservices } from '../../support/appservices.ts';
import { type Peer, startPeer } from '../../support/peer.ts';
import { bodyOf } from '../../support/scripted-server.ts';
import type { TestHomeserver, TestUser } from '../../support/test-homeserver.ts';

interface Taken {
  readonly txnId: string;
  readonly token: string | undefined;
  // biome-ignore lint/suspicious/noExplicitAny: tests read events field by field
  readonly events: any[];
  // biome-ignore lint/suspicious/noExplicitAny: as above
  readonly ephemeral: any[];
}

describe('What application services are told', function () {
  this.timeout(30_000);
  let server: TestHomeserver;
  let bridge: Peer;
  let alice: TestUser;
  let status = 200;
  let taken: Taken[] = [];

  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const body = await bodyOf(request);
    const txnId = /\/transactions\/(.+)$/.exec(request.url ?? '')?.[1];
    if (txnId !== undefined && request.method === 'PUT') {
      taken.push({
        txnId,
        token: request.headers.authorization,
        events: JSON.parse(body).events,
        ephemeral: JSON.parse(body).ephemeral ?? [],
      });
    }
    response.writeHead(status, { 'content-type': 'application/json' }).end('{}');
  };

  before(async () => {
    bridge = await startPeer((request, response) => void answer(request, response));
    const irc = {
      ...{ id: 'irc', url: `http://127.0.0.1:${bridge.port}/irc`, receive_ephemeral: true },
      namespaces: { users: [{ exclusive: true, regex: '@irc_' }], aliases: [{ exclusive: true, regex: '#irc_' }] },
    };
    const appservices = { transaction_events: 5, retry_min: '10s', retry_max: '40s' };
    server = await startWithAppservices([irc], { appservices });
    alice = await server.register('alice');
  });
  after(async () => {
    await server.stop();
    await bridge.close();
  });
  beforeEach(async () => {
    await server.homeserver.services.eventDeliveries.drain();
    taken = [];
    status = 200;
  });

  const room = async (request: object) => (await alice.ask('POST', '/v3/createRoom', request)).body.room_id as string;
  const send = async (roomId: string, body: string) => {
    const answered = await alice.ask('PUT', `/v3/rooms/${roomId}/send/m.room.message/${body}`, { body });
    assert.equal(answered.status, 200);
  };
  const drain = () => server.homeserver.services.eventDeliveries.drain();
  const bodies = () => taken.flatMap(({ events }) => events.flatMap((event) => event.content.body ?? []));
  const asBot = (method: string, path: string, body: object = {}) =>
    server.ask(method, path, { token: 'irc-as', body });

  it('is nothing of rooms that do not concern them', async () => {
    const roomId = await room({ preset: 'public_chat' });
    await send(roomId, 'private');
    await drain();
    assert.deepEqual(taken, []);
  });

  it('is all that happens in rooms with their users, in order and in transactions of bounded size', async () => {
    const roomId = await room({ preset: 'public_chat' });
    assert.equal((await asBot('POST', `/v3/join/${roomId}`)).status, 200);
    for (const body of ['1', '2', '3', '4', '5', '6', '7', '8']) await send(roomId, body);
    await drain();
    assert.deepEqual(bodies(), ['1', '2', '3', '4', '5', '6', '7', '8']);
    assert.ok(taken.every(({ token, events }) => token === 'Bearer irc-hs' && events.length <= 5));
    assert.equal(new Set(taken.map(({ txnId }) => txnId)).size, taken.length);
    const [event] = taken.at(-1)!.events;
    assert.equal(event.room_id, roomId);
    assert.equal(event.sender, alice.userId);
    taken = [];
    assert.equal((await asBot('POST', `/v3/rooms/${roomId}/leave`)).status, 200);
    await send(roomId, 'alone');
    await drain();
    assert.deepEqual(
      taken.flatMap(({ events }) => events.map(({ type }) => type)),
      ['m.room.member'],
    );
  });

  it('is who types and who has read what, of those rooms alone', async () => {
    const [roomId, other] = [await room({ preset: 'public_chat' }), await room({})];
    await asBot('POST', `/v3/join/${roomId}`);
    const said = await alice.ask('PUT', `/v3/rooms/${roomId}/send/m.room.message/e`, { body: 'e' });
    await drain();
    taken = [];
    for (const id of [roomId, other]) {
      await alice.ask('PUT', `/v3/rooms/${id}/typing/${alice.userId}`, { typing: true, timeout: 30_000 });
    }
    await alice.ask('POST', `/v3/rooms/${roomId}/receipt/m.read/${said.body.event_id}`, {});
    await drain();
    const told = taken.flatMap(({ ephemeral }) => ephemeral);
    assert.deepEqual(new Set(told.map((event) => `${event.type} ${event.room_id}`)).size, 2);
    assert.deepEqual(told.find(({ type }) => type === 'm.typing').content, { user_ids: [alice.userId] });
    assert.ok(told.find(({ type }) => type === 'm.receipt').content[said.body.event_id]['m.read'][alice.userId].ts);
    assert.ok(told.every((event) => event.room_id === roomId));
  });

  it('is that one of their users is invited', async () => {
    const roomId = await room({ preset: 'private_chat', invite: ['@irc_carol:test.example'] });
    await drain();
    assert.deepEqual(
      taken.flatMap(({ events }) => events.map((event) => [event.room_id, event.state_key])),
      [[roomId, '@irc_carol:test.example']],
    );
  });

  it('waits while they fail, and is told again under the same name, over restarts', async () => {
    const roomId = await room({ preset: 'public_chat' });
    await asBot('POST', `/v3/join/${roomId}`);
    await drain();
    taken = [];
    status = 500;
    await send(roomId, 'first');
    await drain();
    await send(roomId, 'second');
    await drain();
    assert.deepEqual(bodies(), ['first']);
    await server.restart();
    await drain();
    assert.equal(taken.length, 1);
    status = 200;
    server.clock.advance(10_000);
    await drain();
    assert.deepEqual(bodies(), ['first', 'first', 'second']);
    assert.equal(taken[0]!.txnId, taken[1]!.txnId);
    assert.notEqual(taken[1]!.txnId, taken[2]!.txnId);
  });
});
