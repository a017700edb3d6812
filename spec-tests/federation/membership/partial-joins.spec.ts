import assert from 'node:assert/strict';
import type { JsonObject } from '../../../src/protocol/json.ts';
import { type FederatedUser, federatedUser } from '../../support/federated-users.ts';
import { HostileRoom } from '../../support/hostile-room.ts';
import { HostileServer } from '../../support/hostile-server.ts';
import { ScriptedResident } from '../../support/scripted-resident.ts';
import { startTestFederation, type TestFederation, type TestPeer } from '../../support/test-federation.ts';
import type { Answered } from '../../support/test-homeserver.ts';

const LAZY = encodeURIComponent(JSON.stringify({ room: { state: { lazy_load_members: true } } }));
const WAIT_MS = 30_000;

describe('A room of which not all members are known yet', function () {
  this.timeout(60_000);
  let federation: TestFederation;
  let b: TestPeer;
  let hostile: HostileServer;
  let bob: FederatedUser;

  before(async function () {
    federation = await startTestFederation(this, 1, {
      federation: {
        partial_joins: true,
        full_state_wait: `${WAIT_MS}ms`,
        partial_join_retry_min: '10s',
        partial_join_rounds: 2,
        single_event_requests: 3,
      },
    });
    [b] = federation.servers as [TestPeer];
    hostile = await HostileServer.start(federation);
    bob = await federatedUser(b, 'bob');
  });
  after(async () => {
    await hostile?.stop();
    await federation?.stop();
  });
  beforeEach(() => {
    hostile.scripts.length = 0;
    federation.clock.advance(1);
  });

  /** A room with its owner, seven members and one who is banned. */
  const resident = (options: { version?: string; joinRule?: string } = {}) => {
    const room = new HostileRoom(hostile, { now: () => federation.clock.now(), ...options });
    const scripted = new ScriptedResident(hostile, room);
    for (let i = 1; i <= 7; i++) scripted.member(`m${i}`);
    scripted.member('m7', 'ban', 'owner');
    return scripted;
  };

  /** How m7 came, who was banned afterwards. */
  const banned = ({ room }: ScriptedResident) =>
    room.events.find(({ pdu }) => pdu.state_key === hostile.user('m7') && pdu.content['membership'] === 'join')!;
  /** What m7 says as if they still were in the room: without its state nobody knows better. */
  const lieIn = (from: ScriptedResident, content: JsonObject) => {
    const { room } = from;
    const create = room.rules.implicitRoomCreator && room.rules.roomIdIsCreateHash ? [] : [room.create];
    const named = [...create, room.state.get('m.room.power_levels ')!, banned(from)];
    return from.naming(named, { type: 'm.room.message', sender: hostile.user('m7'), content });
  };
  const join = async (of: ScriptedResident, user = bob) => {
    const answer = await user.join(of.room.id, { serverName: hostile.name });
    assert.deepEqual(answer.body, { room_id: of.room.id });
  };
  const sync = (user: FederatedUser, query: string): Promise<Answered['body']> => user.must('GET', `/v3/sync?${query}`);
  const lazily = async (user: FederatedUser, roomId: string) =>
    (await sync(user, `filter=${LAZY}`)).rooms?.join?.[roomId];
  const send = (user: FederatedUser, roomId: string, body: string) =>
    user.must('PUT', `/v3/rooms/${roomId}/send/m.room.message/${body}`, { msgtype: 'm.text', body });
  const bring = async (...events: { pdu: object }[]) => {
    federation.clock.advance(1);
    const body = { origin: hostile.name, origin_server_ts: 0, pdus: events.map(({ pdu }) => pdu) };
    const path = `/_matrix/federation/v1/send/${federation.clock.now()}`;
    const answer = await hostile.ask(b, 'PUT', path, body);
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    return answer.body.pdus as Record<string, object>;
  };
  const full = (of: ScriptedResident) => {
    of.tell();
    return b.homeserver.services.stateJobs.drain();
  };
  const isPartial = async (roomId: string) => (await b.homeserver.services.rooms.get(roomId))?.partial !== undefined;
  const bodiesOf = (timeline: { events: { content: { body?: string } }[] }) =>
    timeline.events.flatMap(({ content }) => content.body ?? []);

  for (const version of ['6', '11', '12']) {
    it(`can be talked in at once, and is whole when its state has come (version ${version})`, async () => {
      const from = resident({ version });
      const roomId = from.room.id;
      await join(from);
      assert.equal(await isPartial(roomId), true);
      await send(bob, roomId, 'hello');
      assert.deepEqual(bodiesOf((await lazily(bob, roomId)).timeline), ['hello']);
      await full(from);
      assert.equal(await isPartial(roomId), false);
      const expected = [bob.userId, ...['owner', 'm1', 'm2', 'm3', 'm4', 'm5', 'm6'].map((name) => hostile.user(name))];
      assert.deepEqual(await bob.members(roomId), expected.sort());
      await send(bob, roomId, 'again');
      await b.restart();
      assert.deepEqual(await bob.members(roomId), expected.sort());
      assert.deepEqual(bodiesOf((await lazily(bob, roomId)).timeline), ['hello', 'again']);
    });
  }

  it('is shown to syncs that load members lazily alone; to others when it is whole, with all members', async () => {
    const from = resident();
    const roomId = from.room.id;
    const { next_batch: before } = await sync(bob, '');
    const { next_batch: lazyBefore } = await sync(bob, `filter=${LAZY}`);
    await join(from);
    assert.equal((await sync(bob, '')).rooms?.join?.[roomId], undefined);
    assert.equal((await sync(bob, `since=${before}`)).rooms?.join?.[roomId], undefined);
    const lazy = await sync(bob, `filter=${LAZY}&since=${lazyBefore}`);
    assert.ok(lazy.rooms.join[roomId].state.events.some((e: { type: string }) => e.type === 'm.room.power_levels'));
    const { next_batch: during } = await sync(bob, '');
    const waiting = sync(bob, `since=${during}&timeout=60000`);
    await full(from);
    const lazyLater = await sync(bob, `filter=${LAZY}&since=${lazy.next_batch}`);
    assert.equal(lazyLater.rooms.join[roomId].summary['m.joined_member_count'], 8);
    const later = await waiting;
    for (const shown of [later, await sync(bob, `since=${before}`), await sync(bob, '')]) {
      const room = shown.rooms.join[roomId];
      const all = [...room.state.events, ...room.timeline.events];
      const members = all.filter((e: { type: string }) => e.type === 'm.room.member');
      assert.equal(new Set(members.map((e: { state_key: string }) => e.state_key)).size, 9);
      assert.equal(room.summary['m.joined_member_count'], 8);
    }
    assert.equal((await sync(bob, `since=${later.next_batch}`)).rooms, undefined);
  });

  it('keeps those waiting who ask for its members, but not for long', async () => {
    const from = resident();
    const roomId = from.room.id;
    await join(from);
    const context = `context/${from.room.events.at(-1)!.eventId}`;
    const paths = [
      context,
      'members',
      'joined_members',
      'state',
      `state/m.room.member/${hostile.user('m1')}`,
      'messages?dir=b',
    ];
    const late = paths.map((path) => bob.ask('GET', `/v3/rooms/${roomId}/${path}`));
    late.push(bob.ask('GET', `/v1/room_summary/${roomId}`));
    late.push(bob.ask('POST', `/v3/rooms/${roomId}/invite`, { user_id: '@x:test.example' }));
    for (const [i, waiting] of late.entries()) {
      let answer: Answered | undefined;
      void waiting.then((one) => {
        answer = one;
      });
      // It may not have got as far as to wait.
      for (let tries = 0; !answer && tries < 100; tries++) {
        federation.clock.advance(tries % 20 === 19 ? WAIT_MS : 0);
        await bob.ask('GET', '/v3/account/whoami');
      }
      assert.equal(answer?.status, 504, `${i} ${JSON.stringify(answer?.body)}`);
    }
    const intime = bob.members(roomId);
    assert.equal((await bob.ask('GET', `/v3/rooms/${roomId}/state/m.room.create`)).status, 200);
    await full(from);
    assert.equal((await intime).length, 8);
  });

  it('takes in what unknown members say, and shows lazily who they are', async () => {
    const from = resident();
    const roomId = from.room.id;
    await join(from);
    const said = from.room.add({ type: 'm.room.message', sender: hostile.user('m3'), content: { body: 'hi' } });
    assert.deepEqual(await bring(said), { [said.eventId]: {} });
    const shown = await lazily(bob, roomId);
    assert.deepEqual(bodiesOf(shown.timeline), ['hi']);
    assert.ok(shown.state.events.some((e: { state_key: string }) => e.state_key === hostile.user('m3')));
    await full(from);
    assert.deepEqual(bodiesOf((await lazily(bob, roomId)).timeline), ['hi']);
  });

  it('takes in at once what was said by those who had not heard of the join', async () => {
    const from = resident();
    const roomId = from.room.id;
    const last = from.room.events.at(-1)!.eventId;
    await join(from);
    const beside = from.room.sign({
      ...from.room.template({ type: 'm.room.message', content: { body: 'beside' } }),
      prev_events: [last],
    });
    assert.deepEqual(await bring(beside), { [beside.eventId]: {} });
    assert.deepEqual(bodiesOf((await lazily(bob, roomId)).timeline), ['beside']);
    await full(from);
    await send(bob, roomId, 'after both');
    assert.deepEqual(bodiesOf((await lazily(bob, roomId)).timeline), ['beside', 'after both']);
    assert.equal((await bob.members(roomId)).length, 8);
  });

  it('loses again what those said who may not speak, and what they changed', async () => {
    const from = resident();
    const roomId = from.room.id;
    await join(from);
    const lie = lieIn(from, { body: 'lie' });
    assert.deepEqual(await bring(lie), { [lie.eventId]: {} });
    assert.deepEqual(bodiesOf((await lazily(bob, roomId)).timeline), ['lie']);
    const after = from.room.sign({
      ...from.room.template({ type: 'm.room.topic', stateKey: '', content: { topic: 'food' } }),
      prev_events: [lie.eventId],
    });
    await bring(after);
    await send(bob, roomId, 'truth');
    await full(from);
    assert.deepEqual(bodiesOf((await lazily(bob, roomId)).timeline), ['truth']);
    assert.deepEqual(await bob.must('GET', `/v3/rooms/${roomId}/state/m.room.topic`), { topic: 'food' });
    const event = await bob.ask('GET', `/v3/rooms/${roomId}/event/${lie.eventId}`);
    assert.equal(event.status, 404);
    await send(bob, roomId, 'more');
    assert.deepEqual(bodiesOf((await lazily(bob, roomId)).timeline), ['truth', 'more']);
  });

  it('loses what those answered who may not speak', async () => {
    const from = resident();
    const roomId = from.room.id;
    await join(from);
    const { event_id: root } = await send(bob, roomId, 'root');
    const lie = lieIn(from, { body: 'lie', 'm.relates_to': { rel_type: 'm.thread', event_id: root } });
    await bring(lie);
    const answers = async () => {
      const relations = await bob.must('GET', `/v1/rooms/${roomId}/relations/${root}`);
      const event = await bob.must('GET', `/v3/rooms/${roomId}/event/${root}`);
      const threads = await bob.must('GET', `/v1/rooms/${roomId}/threads`);
      return [relations.chunk.length, event.unsigned['m.relations']?.['m.thread'].count, threads.chunk.length];
    };
    assert.deepEqual(await answers(), [1, 1, 1]);
    await full(from);
    assert.deepEqual(await answers(), [0, undefined, 0]);
    await b.restart();
    assert.deepEqual(await answers(), [0, undefined, 0]);
  });

  it('loses what was said by those who may not speak any more, though they could where they pretend to be', async () => {
    const from = resident();
    const roomId = from.room.id;
    await join(from);
    const lie = lieIn(from, { body: 'lie' });
    // An event after which the state is that of before the ban, as whoever pretends to have known it tells.
    const old = from.room.sign({
      ...from.room.template({ type: 'm.room.message', content: { body: 'old' } }),
      prev_events: [banned(from).eventId],
    });
    from.pretend(old, banned(from));
    const pretended = from.room.sign({ ...lie.pdu, prev_events: [old.eventId] } as never);
    from.missing.push(old);
    await bring(pretended);
    const isShown = async () => bodiesOf((await lazily(bob, roomId)).timeline).includes('lie');
    assert.equal(await isShown(), true);
    await full(from);
    assert.equal(await isShown(), false);
    await send(bob, roomId, 'truth');
    assert.ok(bodiesOf((await lazily(bob, roomId)).timeline).includes('truth'));
    await b.restart();
    assert.equal(await isShown(), false);
  });

  it('takes in receipts and typing of unknown members', async () => {
    const from = resident();
    const roomId = from.room.id;
    await join(from);
    const { event_id: eventId } = await send(bob, roomId, 'read me');
    const userId = hostile.user('m2');
    federation.clock.advance(1);
    const receipt = { [userId]: { event_ids: [eventId], data: { ts: 1 } } };
    const edus = [
      { edu_type: 'm.receipt', content: { [roomId]: { 'm.read': receipt } } },
      { edu_type: 'm.typing', content: { room_id: roomId, user_id: userId, typing: true } },
    ];
    const path = `/_matrix/federation/v1/send/${federation.clock.now()}`;
    await hostile.ask(b, 'PUT', path, { origin: hostile.name, origin_server_ts: 0, pdus: [], edus });
    const { ephemeral } = await lazily(bob, roomId);
    assert.deepEqual(ephemeral.events.map((e: { type: string }) => e.type).sort(), ['m.receipt', 'm.typing']);
    await full(from);
  });

  it('sends to the servers that are said to be in it; afterwards to those that are', async () => {
    const from = resident();
    from.servers = [hostile.name, 'gone.example'];
    const roomId = from.room.id;
    await join(from);
    const destinations = () => b.homeserver.services.storage.read((tx) => tx.outbox.serversWith(bob.userId));
    assert.ok((await destinations()).includes('gone.example'));
    await send(bob, roomId, 'to all');
    await full(from);
    assert.ok(!(await destinations()).includes('gone.example'));
    assert.ok((await destinations()).includes(hostile.name));
  });

  it('shows the devices of all members as changed when it is whole', async () => {
    const from = resident();
    from.room.add({ type: 'm.room.encryption', stateKey: '', content: { algorithm: 'm.megolm.v1.aes-sha2' } });
    await join(from);
    const { next_batch: since } = await sync(bob, `filter=${LAZY}`);
    await full(from);
    const { device_lists: lists } = await sync(bob, `filter=${LAZY}&since=${since}`);
    for (const name of ['owner', 'm1', 'm6']) assert.ok(lists.changed.includes(hostile.user(name)), name);
    assert.ok(!lists.changed.includes(hostile.user('m7')));
  });

  it('goes on being made whole after a restart', async () => {
    const from = resident();
    const roomId = from.room.id;
    await join(from);
    await send(bob, roomId, 'before');
    await b.restart();
    assert.equal(await isPartial(roomId), true);
    await send(bob, roomId, 'after');
    await full(from);
    assert.equal((await bob.members(roomId)).length, 8);
    assert.deepEqual(bodiesOf((await lazily(bob, roomId)).timeline), ['before', 'after']);
  });

  it('is asked for again later if nobody tells its state', async () => {
    const from = resident();
    from.telling = 'errors';
    await join(from);
    await b.homeserver.services.stateJobs.drain();
    assert.equal(await isPartial(from.room.id), true);
    from.telling = 'state';
    federation.clock.advance(10_000);
    await b.homeserver.services.stateJobs.drain();
    assert.equal(await isPartial(from.room.id), false);
  });

  it('is left when nobody ever tells its state', async () => {
    const from = resident();
    from.telling = 'errors';
    await join(from);
    await b.homeserver.services.stateJobs.drain();
    federation.clock.advance(10_000);
    await b.homeserver.services.stateJobs.drain();
    assert.equal(await isPartial(from.room.id), false);
    assert.equal((await bob.section(from.room.id)).kind, 'leave');
    from.telling = 'state';
    await join(from);
    await b.homeserver.services.stateJobs.drain();
    assert.equal((await bob.members(from.room.id)).length, 8);
  });

  it('can be left, and entered again', async () => {
    const from = resident();
    const roomId = from.room.id;
    await join(from);
    await bob.must('POST', `/v3/rooms/${roomId}/leave`, {});
    from.telling = 'errors';
    from.tell();
    await b.homeserver.services.stateJobs.drain();
    assert.equal(await isPartial(roomId), false);
    assert.equal((await bob.section(roomId)).kind, 'leave');
    await join(from);
    assert.equal((await bob.members(roomId)).length, 8);
  });

  it('can be closed to its users by a ban', async () => {
    const from = resident();
    const roomId = from.room.id;
    await join(from);
    const content = { membership: 'ban' };
    const ban = from.room.add({ type: 'm.room.member', stateKey: bob.userId, content });
    assert.deepEqual(await bring(ban), { [ban.eventId]: {} });
    assert.equal((await bob.section(roomId)).kind, 'leave');
    await full(from);
    assert.equal(await isPartial(roomId), false);
    assert.equal((await bob.section(roomId)).kind, 'leave');
  });

  it('lets further users of this server in by the help of others', async () => {
    const from = resident();
    const roomId = from.room.id;
    const dora = await federatedUser(b, 'dora');
    await join(from);
    await join(from, dora);
    assert.equal(await isPartial(roomId), true);
    assert.equal(from.asked.filter((operation) => operation === 'send_join').length, 2);
    await send(dora, roomId, 'I am here');
    await full(from);
    assert.equal((await bob.members(roomId)).length, 9);
    assert.deepEqual(bodiesOf((await lazily(bob, roomId)).timeline), ['I am here']);
  });

  it('is not told to other servers', async () => {
    const from = resident();
    const roomId = from.room.id;
    await join(from);
    const last = from.room.events.at(-1)!.eventId;
    const asked = [`/state_ids/${roomId}?event_id=${last}`, `/make_join/${roomId}/${hostile.user('new')}?ver=12`];
    for (const path of asked) assert.equal((await hostile.ask(b, 'GET', path)).status, 404, path);
    await full(from);
    for (const path of asked) assert.equal((await hostile.ask(b, 'GET', path)).status, 200, path);
  });

  it('is joined in full where the other server tells all members', async () => {
    const from = resident();
    hostile.scripts.unshift((request) => {
      if (request.url?.includes('omit_members')) request.url = request.url.replace('omit_members=true', '');
      return false;
    });
    await join(from);
    assert.equal(await isPartial(from.room.id), false);
    assert.equal((await bob.members(from.room.id)).length, 8);
  });
});
