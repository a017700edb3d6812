import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { limitExceeded } from '../../../../src/protocol/errors.ts';
import { ALLOWED } from '../../../../src/services/admission/admission.ts';
import { WriteSet } from '../../../../src/storage/contract/write-set.ts';
import { startTestHomeserver, type TestHomeserver, type TestUser } from '../../../support/test-homeserver.ts';

const PATH = '/unstable/org.matrix.msc4140/delayed_events';
const TYPE = 'org.example.test';

describe('Delayed events', () => {
  let server: TestHomeserver;
  let alice: TestUser;
  let bob: TestUser;
  let roomId: string;
  let room: string;
  let count = 0;

  before(async () => {
    server = await startTestHomeserver({
      delayed_events: { max_delay: '1h', per_user: 3, total: 5, kept_per_user: 4, kept_for: '1h' },
    });
  });
  after(() => server.stop());
  beforeEach(async () => {
    count += 1;
    alice = await server.register(`alice${count}`);
    bob = await server.register(`bob${count}`);
    const made = { preset: 'public_chat', power_level_content_override: { events: { [TYPE]: 0 } } };
    roomId = (await alice.ask('POST', '/v3/createRoom', made)).body.room_id;
    room = `/v3/rooms/${encodeURIComponent(roomId)}`;
    await bob.ask('POST', `${room}/join`, {});
  });
  afterEach(async () => {
    for (const user of [alice, bob]) for (const { delay_id: id } of await waiting(user)) await manage(id, 'cancel');
  });

  const delayState = async (user: TestUser, key: string, setter: string, delay: number) =>
    (await user.ask('PUT', `${room}/state/${TYPE}/${key}?org.matrix.msc4140.delay=${delay}`, { setter })).body.delay_id;
  const delayMessage = (txnId: string, delay: number, content?: object) =>
    alice.ask('PUT', `${room}/send/${TYPE}/${txnId}?org.matrix.msc4140.delay=${delay}`, content);
  const waiting = async (user: TestUser) => (await user.ask('GET', PATH)).body.delayed_events;
  const setter = async (key: string) => {
    const { status, body } = await alice.ask('GET', `${room}/state/${TYPE}/${key}`);
    return status === 404 ? undefined : body.setter;
  };
  const manage = async (id: string, action: string) => {
    const { status, body } = await server.ask('POST', `${PATH}/${id}/${action}`, { body: {} });
    return [status, body.errcode];
  };
  const pass = async (ms: number) => {
    server.clock.advance(ms);
    await server.homeserver.services.delayedEvents.settled();
  };

  it('are sent when their delay ends, and seen by their owner until then', async () => {
    const id = await delayState(alice, 'key', 'delay', 900);
    const now = server.clock.now();
    const times = { delay_ms: 900, delayed_since_ts: now, delay: 900, running_since: now };
    const told = { delay_id: id, room_id: roomId, type: TYPE, state_key: 'key', ...times };
    deepStrictEqual(await waiting(alice), [{ ...told, content: { setter: 'delay' } }]);
    deepStrictEqual((await alice.ask('GET', `${PATH}/${id}`)).body, { ...told, content: { setter: 'delay' } });
    deepStrictEqual(await waiting(bob), []);
    strictEqual((await bob.ask('GET', `${PATH}/${id}`)).status, 404);
    await pass(899);
    strictEqual(await setter('key'), undefined);
    await pass(1);
    strictEqual(await setter('key'), 'delay');
    deepStrictEqual(await waiting(alice), []);
  });

  it('keep the order of their delays, and are scheduled once for each transaction id', async () => {
    const ids: string[] = [];
    for (const n of [2, 1]) {
      const first = await delayMessage(`t${n}`, n * 100, { n });
      const again = await delayMessage(`t${n}`, n * 100);
      strictEqual(first.body.delay_id, again.body.delay_id);
      ids.push(first.body.delay_id);
    }
    deepStrictEqual(
      (await waiting(alice)).map(({ delay_id }: { delay_id: string }) => delay_id),
      ids.reverse(),
    );
    strictEqual((await delayMessage('empty', 100)).body.errcode, 'M_NOT_JSON');
    await pass(200);
    const { chunk } = (await alice.ask('GET', `${room}/messages?dir=b&limit=2`)).body;
    deepStrictEqual(
      chunk.map(({ content }: { content: object }) => content),
      [{ n: 2 }, { n: 1 }],
    );
  });

  it('are cancelled, restarted and sent by whoever knows their id', async () => {
    const cancelled = await delayState(alice, 'cancelled', 'x', 1_000);
    const restarted = await delayState(alice, 'restarted', 'x', 1_000);
    const sent = await delayState(alice, 'sent', 'x', 1_000);
    await pass(600);
    deepStrictEqual(await manage(cancelled, 'cancel'), [200, undefined]);
    deepStrictEqual(await manage(restarted, 'restart'), [200, undefined]);
    strictEqual((await alice.ask('POST', `${PATH}/${sent}`, { action: 'send' })).status, 200);
    strictEqual(await setter('sent'), 'x');
    await pass(600);
    deepStrictEqual([await setter('cancelled'), await setter('restarted')], [undefined, undefined]);
    await pass(400);
    strictEqual(await setter('restarted'), 'x');
    for (const action of ['cancel', 'restart', 'send'])
      deepStrictEqual(await manage('abc', action), [404, 'M_NOT_FOUND']);
    // What was done may be asked for once more.
    const [done, conflict] = [
      [200, undefined],
      [409, 'M_UNKNOWN'],
    ];
    for (const id of [restarted, sent]) {
      deepStrictEqual([await manage(id, 'send'), await manage(id, 'cancel')], [done, conflict]);
      deepStrictEqual(await manage(id, 'restart'), conflict);
    }
    deepStrictEqual([await manage(cancelled, 'cancel'), await manage(cancelled, 'send')], [done, conflict]);
    deepStrictEqual(await manage(cancelled, 'restart'), conflict);
    deepStrictEqual(await manage('abc', 'oops'), [404, 'M_UNRECOGNIZED']);
    strictEqual((await alice.ask('POST', `${PATH}/abc`, {})).body.errcode, 'M_MISSING_PARAM');
    strictEqual((await server.ask('GET', PATH)).status, 401);
  });

  it('stay when their sender sets the same state, and go when somebody else does', async () => {
    await delayState(alice, 'own', 'delay', 900);
    await delayState(alice, 'other', 'delay', 900);
    await alice.ask('PUT', `${room}/state/${TYPE}/own`, { setter: 'alice' });
    await bob.ask('PUT', `${room}/state/${TYPE}/other`, { setter: 'bob' });
    strictEqual((await waiting(alice)).length, 1);
    await pass(900);
    deepStrictEqual([await setter('own'), await setter('other')], ['delay', 'bob']);
  });

  it('survive a restart: what became due meanwhile is sent at the start', async () => {
    await delayState(alice, 'first', 'x', 1_000);
    await delayState(alice, 'second', 'x', 5_000);
    await server.halt();
    server.clock.advance(2_000);
    await server.restart();
    await pass(0);
    strictEqual(await setter('first'), 'x');
    strictEqual((await waiting(alice)).length, 1);
    await pass(3_000);
    strictEqual(await setter('second'), 'x');
  });

  it('wait no more if the room refuses them when the time has come, but may be refused before', async () => {
    const id = await delayState(bob, 'late', 'x', 1_000);
    await bob.ask('POST', `${room}/leave`, {});
    deepStrictEqual(await manage(id, 'send'), [403, 'M_FORBIDDEN']);
    strictEqual((await waiting(bob)).length, 1);
    await pass(1_000);
    strictEqual(await setter('late'), undefined);
    deepStrictEqual(await waiting(bob), []);
    const { finalised } = (await bob.ask('GET', `${PATH}/${id}`)).body;
    deepStrictEqual([finalised.error.errcode, finalised.event_id], ['M_FORBIDDEN', undefined]);
  });

  it('hold up nothing in other rooms where a room does not let many of them in yet', async () => {
    const { admission, storage } = server.homeserver.services;
    const until = server.clock.now() + 60_000;
    const slow = roomId;
    admission.register({
      name: 'slow',
      judge: (event) =>
        event.roomId === slow && server.clock.now() < until
          ? { verdict: 'refuse', error: limitExceeded(until - server.clock.now()) }
          : ALLOWED,
    });
    const last = async (id: string, limit: number) => {
      const { body } = await alice.ask('GET', `/v3/rooms/${encodeURIComponent(id)}/messages?dir=b&limit=${limit}`);
      return body.chunk.map(({ content }: { content: { n?: number } }) => content.n);
    };
    const other = (await bob.ask('POST', '/v3/createRoom', { preset: 'public_chat' })).body.room_id;
    await alice.ask('POST', `/v3/rooms/${encodeURIComponent(other)}/join`, {});
    const path = `/v3/rooms/${encodeURIComponent(other)}/send/${TYPE}/t?org.matrix.msc4140.delay=200`;
    await bob.ask('PUT', path, { n: 100 });
    const id = await delayState(alice, 'first', 'x', 100);
    const row = await storage.read((tx) => tx.delayedEvents.byId(id));
    const many = new WriteSet();
    for (let n = 0; n < 60; n++) {
      const times = { running_since: row!.running_since + 1 + n, send_at: row!.send_at + 1 + n };
      const own = { delay_id: `${id}${n}`, state_key: null, content: `{"n":${n}}` };
      many.add('delayed_events.insert', { ...row!, ...own, ...times });
    }
    await storage.commit(many);
    await pass(200);
    deepStrictEqual(await last(other, 1), [100]);
    await pass(60_200);
    strictEqual(await setter('first'), 'x');
    deepStrictEqual(
      await last(slow, 60),
      Array.from({ length: 60 }, (_, i) => 59 - i),
    );
  });

  it('have their id in what was sent, for their sender alone, on every device', async () => {
    const ids = [await delayState(alice, 'shown', 'x', 1_000), (await delayMessage('shown', 1_001, {})).body.delay_id];
    await pass(1_001);
    const phone = await server.login(`alice${count}`);
    const shown = async (user: TestUser) => {
      const { chunk } = (await user.ask('GET', `${room}/messages?dir=b&limit=2`)).body;
      return chunk.map(({ unsigned }: { unsigned: object }) => unsigned).toReversed();
    };
    for (const user of [alice, phone]) {
      const told = (await shown(user)).map((unsigned: Record<string, string>) => [
        unsigned['org.matrix.msc4140.delay_id'],
        unsigned['delay_id'],
        unsigned['transaction_id'],
      ]);
      deepStrictEqual(told, [
        [ids[0], ids[0], undefined],
        [ids[1], ids[1], undefined],
      ]);
    }
    ok((await shown(bob)).every((unsigned: object) => !('delay_id' in unsigned)));
    const { body } = await phone.ask('GET', `/v3/sync?filter={"room":{"timeline":{"limit":1}}}`);
    strictEqual(body.rooms.join[roomId].timeline.events[0].unsigned.delay_id, ids[1]);
  });

  it('tell their owner what became of them, for a while', async () => {
    const sent = await delayState(alice, 'sent', 'x', 1_000);
    const cancelled = await delayState(alice, 'cancelled', 'x', 1_000);
    const failed = await delayState(alice, 'failed', 'x', 1_000);
    await manage(cancelled, 'cancel');
    await bob.ask('PUT', `${room}/state/${TYPE}/failed`, { setter: 'bob' });
    await pass(1_000);
    const ids = async (status: string) => {
      const { body } = await alice.ask('GET', `${PATH}?status=${status}`);
      return body.delayed_events.map(({ delay_id: id }: { delay_id: string }) => id);
    };
    deepStrictEqual(new Set(await ids('finalised')), new Set([cancelled, sent, failed]));
    deepStrictEqual([await ids('sent'), await ids('cancelled'), await ids('failed')], [[sent], [cancelled], [failed]]);
    deepStrictEqual(await ids('scheduled'), []);
    strictEqual((await alice.ask('GET', `${PATH}?status=x`)).body.errcode, 'M_INVALID_PARAM');
    const { body } = await alice.ask('GET', `${PATH}/${sent}`);
    const event = await alice.ask('GET', `${room}/event/${encodeURIComponent(body.finalised.event_id)}`);
    deepStrictEqual([event.body.content, body.finalised.finalised_ts], [{ setter: 'x' }, server.clock.now()]);
    strictEqual((await bob.ask('GET', `${PATH}/${sent}`)).status, 404);
    // Four are kept of each user, the latest ones, and for an hour.
    for (const key of ['a', 'b', 'c']) await manage(await delayState(alice, key, 'x', 1_000), 'cancel');
    strictEqual((await ids('finalised')).length, 4);
    server.clock.advance(3_600_000);
    deepStrictEqual(await ids('finalised'), []);
    strictEqual((await alice.ask('GET', `${PATH}/${sent}`)).status, 404);
    await server.homeserver.services.delayedEvents.expire();
  });

  it('are scheduled by a request of their own, too', async () => {
    const path = `/unstable/org.matrix.msc4140/rooms/${encodeURIComponent(roomId)}/delayed_event/${TYPE}/t`;
    const ask = async (body: object) => alice.ask('PUT', path, body);
    const first = await ask({ delay: 100, state_key: 'own', content: { setter: 'x' } });
    ok(first.body.delay_id);
    strictEqual((await ask({ delay_ms: 100, content: {} })).body.delay_id, first.body.delay_id);
    strictEqual((await ask({ content: {} })).body.errcode, 'M_MISSING_PARAM');
    await pass(100);
    strictEqual(await setter('own'), 'x');
  });

  it('are refused beyond their limits', async () => {
    const long = await delayMessage('long', 3_600_001, {});
    deepStrictEqual([long.status, long.body['org.matrix.msc4140.max_delay']], [400, 3_600_000]);
    strictEqual(long.body['org.matrix.msc4140.errcode'], 'M_MAX_DELAY_EXCEEDED');
    strictEqual((await delayMessage('none', 0, {})).body.errcode, 'M_INVALID_PARAM');
    strictEqual((await delayMessage('odd', 100, { level: 1.5 })).body.errcode, 'M_BAD_JSON');
    for (const n of [1, 2, 3]) strictEqual((await delayMessage(`n${n}`, 100, {})).status, 200);
    const { status, headers, body } = await delayMessage('n4', 100, {});
    deepStrictEqual([status, body.errcode, headers.get('retry-after')], [429, 'M_LIMIT_EXCEEDED', '1']);
    await bob.ask('POST', `${room}/leave`, {});
    const outside = await bob.ask('PUT', `${room}/send/${TYPE}/t?org.matrix.msc4140.delay=100`, {});
    strictEqual(outside.body.errcode, 'M_FORBIDDEN');
  });
});
