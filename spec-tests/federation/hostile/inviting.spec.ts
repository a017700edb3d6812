import assert from 'node:assert/strict';
import type { BuiltEvent } from '../../../src/protocol/events/build-event.ts';
import type { JsonObject } from '../../../src/protocol/json.ts';
import { type FederatedUser, federatedUser } from '../../support/federated-users.ts';
import { HostileRoom } from '../../support/hostile-room.ts';
import { HostileServer } from '../../support/hostile-server.ts';
import { startTestFederation, type TestFederation, type TestPeer } from '../../support/test-federation.ts';

describe('A hostile server that invites', function () {
  this.timeout(30_000);
  let federation: TestFederation;
  let b: TestPeer;
  let hostile: HostileServer;
  let bob: FederatedUser;

  before(async function () {
    federation = await startTestFederation(this, 1);
    [b] = federation.servers as [TestPeer];
    hostile = await HostileServer.start(federation);
    bob = await federatedUser(b, 'bob');
  });
  after(async () => {
    await hostile?.stop();
    await federation?.stop();
  });

  const room = (version = '12') => new HostileRoom(hostile, { version, now: () => federation.clock.now() });
  const inviteOf = (from: HostileRoom, changes: Partial<Parameters<HostileRoom['build']>[0]> = {}) =>
    from.build({ type: 'm.room.member', stateKey: bob.userId, content: { membership: 'invite' }, ...changes });
  const stateOf = (from: HostileRoom) => from.events.filter((e) => e.pdu.state_key === '').map((e) => e.pdu);
  const send = (from: HostileRoom, event: BuiltEvent, changes: JsonObject = {}, path = `${from.id}/${event.eventId}`) =>
    hostile.ask(b, 'PUT', `/_matrix/federation/v2/invite/${path}`, {
      room_version: from.rules.version,
      event: event.pdu,
      invite_room_state: stateOf(from),
      ...changes,
    });

  for (const version of ['1', '6', '10', '11', '12']) {
    it(`is answered with the signed event if all is as it should be (version ${version})`, async () => {
      const from = room(version);
      const event = inviteOf(from);
      const answer = await send(from, event);
      assert.equal(answer.status, 200, JSON.stringify(answer.body));
      assert.deepEqual(answer.body.event.signatures[hostile.name], event.pdu.signatures[hostile.name]);
      assert.ok(answer.body.event.signatures[b.serverName]);
      assert.equal((await bob.section(from.id)).kind, 'invite');
    });
  }

  it('gets the same answer again, and the user no second invite', async () => {
    const from = room();
    const event = inviteOf(from);
    const first = await send(from, event);
    const { next_batch: since } = await bob.must('GET', '/v3/sync');
    assert.deepEqual((await send(from, event)).body, first.body);
    assert.equal((await bob.must('GET', `/v3/sync?since=${since}`)).rooms, undefined);
  });

  const refused: [string, (from: HostileRoom) => ReturnType<typeof send>][] = [
    [
      'to another room than it says',
      (from) => send(from, inviteOf(from), {}, `${room().id}/${inviteOf(from).eventId}`),
    ],
    ['by another id', (from) => send(from, inviteOf(from), {}, `${from.id}/${from.create.eventId}`)],
    ['a user of another server', (from) => send(from, inviteOf(from, { stateKey: hostile.user('x') }))],
    ['in the name of a user of another server', (from) => send(from, inviteOf(from, { sender: bob.userId }))],
    ['with a join', (from) => send(from, inviteOf(from, { content: { membership: 'join' } }))],
    ['with a leave', (from) => send(from, inviteOf(from, { content: { membership: 'leave' } }))],
    ['with another event', (from) => send(from, inviteOf(from, { type: 'm.room.topic' }))],
    [
      'without a signature',
      (from) => {
        const event = inviteOf(from);
        return send(from, event, { event: { ...event.pdu, signatures: {} } });
      },
    ],
    [
      'with a signature that is wrong',
      (from) => {
        const event = inviteOf(from);
        const signatures = { [hostile.name]: { [hostile.key.keyId]: 'A'.repeat(86) } };
        return send(from, event, { event: { ...event.pdu, signatures } });
      },
    ],
    [
      'with content that was changed',
      (from) => {
        const event = inviteOf(from);
        return send(from, event, {
          event: { ...event.pdu, content: { membership: 'invite', displayname: 'Changed' } },
        });
      },
    ],
    ['with an event that is none', (from) => send(from, inviteOf(from), { event: { type: 'm.room.member' } })],
    ['without the create event', (from) => send(from, inviteOf(from), { invite_room_state: [] })],
    [
      'with the create event of another room',
      (from) => send(from, inviteOf(from), { invite_room_state: stateOf(room()) }),
    ],
    [
      'with state that is stripped',
      (from) => {
        const stripped = { type: 'm.room.name', state_key: '', sender: from.owner, content: { name: 'x' } };
        return send(from, inviteOf(from), { invite_room_state: [from.create.pdu, stripped] });
      },
    ],
    [
      'with state that nobody signed',
      (from) =>
        send(from, inviteOf(from), { invite_room_state: [from.create.pdu, { ...stateOf(from)[1], signatures: {} }] }),
    ],
    [
      'with too much state',
      (from) => send(from, inviteOf(from), { invite_room_state: Array.from({ length: 101 }, () => from.create.pdu) }),
    ],
    ['to a room of another version than it says', (from) => send(from, inviteOf(from), { room_version: '11' })],
  ];
  for (const [what, attempt] of refused) {
    it(`is refused if it invites ${what}`, async () => {
      const from = room();
      // No two rooms of the test are made at the same time.
      federation.clock.advance(1);
      const answer = await attempt(from);
      assert.equal(answer.status, 400, JSON.stringify(answer.body));
      assert.equal(answer.body.errcode, 'M_INVALID_PARAM');
      assert.equal((await bob.section(from.id)).kind, undefined);
    });
  }

  it('learns which versions are not known here', async () => {
    const from = room();
    const answer = await send(from, inviteOf(from), { room_version: '99' });
    assert.equal(answer.body.errcode, 'M_INCOMPATIBLE_ROOM_VERSION');
    assert.equal(answer.body.room_version, '99');
  });

  it('cannot have one id for events of two rooms, where servers choose ids', async () => {
    const [one, other] = [room('2'), room('2')];
    const event = inviteOf(one);
    assert.equal((await send(one, event)).status, 200);
    const answer = await send(other, other.renamed(inviteOf(other), event.eventId));
    assert.equal(answer.status, 400, JSON.stringify(answer.body));
    assert.equal(answer.body.errcode, 'M_INVALID_PARAM');
    assert.equal((await bob.section(other.id)).kind, undefined);
    assert.equal((await bob.section(one.id)).kind, 'invite');
  });

  it('cannot pass a room off as one of an older version', async () => {
    const from = room();
    const event = inviteOf(from);
    const answer = await hostile.ask(b, 'PUT', `/invite/${from.id}/${event.eventId}`, event.pdu);
    assert.equal(answer.body.errcode, 'M_INVALID_PARAM');
  });

  it('cannot withdraw what somebody else has invited to', async () => {
    const from = room();
    federation.clock.advance(1);
    await send(from, inviteOf(from));
    const third = await HostileServer.start(federation);
    const theirs = new HostileRoom(third, { now: () => federation.clock.now() });
    const leave = (sender: string) =>
      from.template({ type: 'm.room.member', sender, stateKey: bob.userId, content: { membership: 'leave' } });
    const forged = [theirs.sign(leave(third.user('kicker'))), theirs.sign(leave(from.owner))];
    for (const [i, { pdu }] of forged.entries()) {
      const body = { origin: third.name, origin_server_ts: 0, pdus: [pdu] };
      assert.equal((await third.ask(b, 'PUT', `/send/${i}`, body)).status, 200);
      assert.equal((await bob.section(from.id)).kind, 'invite');
    }
    const byAnother = {
      origin: hostile.name,
      origin_server_ts: 0,
      pdus: [from.sign(leave(hostile.user('other'))).pdu],
    };
    assert.equal((await hostile.ask(b, 'PUT', '/send/by-another', byAnother)).status, 200);
    assert.equal((await bob.section(from.id)).kind, 'invite');
    const { pdu } = from.sign(leave(from.owner));
    const answer = await hostile.ask(b, 'PUT', '/send/withdrawn', {
      origin: hostile.name,
      origin_server_ts: 0,
      pdus: [pdu],
    });
    assert.equal(answer.status, 200);
    assert.equal((await bob.section(from.id)).kind, 'leave');
    await third.stop();
  });

  it('may say anything in an invite without anything happening', async () => {
    const from = room();
    federation.clock.advance(1);
    const content = JSON.parse('{"membership":"invite","__proto__":{"membership":"join"},"constructor":1}');
    const event = inviteOf(from, { content });
    assert.equal((await send(from, event)).status, 200);
    assert.equal((await bob.section(from.id)).kind, 'invite');
  });
});
