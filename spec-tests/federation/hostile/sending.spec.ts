import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import type { Pdu } from '../../../src/protocol/events/pdu.ts';
import { addSignature } from '../../../src/protocol/signing/sign-json.ts';
import type { Room } from '../../../src/services/timeline/room.ts';
import type { SignedEvent } from '../../../src/services/timeline/stored-event.ts';
import { federatedUser } from '../../support/federated-users.ts';
import { HostileServer, json } from '../../support/hostile-server.ts';
import { Branch, wire } from '../../support/remote-server.ts';
import { startTestFederation, type TestFederation, type TestPeer } from '../../support/test-federation.ts';
import type { TestUser } from '../../support/test-homeserver.ts';

const MEGABYTE = 1_000_000;
const SMALL = { event_answer_size: '1MB', state_answer_size: '1MB', state_events: 200 };

describe('A hostile server that sends', function () {
  this.timeout(60_000);
  let federation: TestFederation;
  let home: TestPeer;
  let alice: TestUser;
  let hostile: HostileServer;
  let room: Room;
  let branch: Branch;
  let mallory: string;
  let transactions = 0;
  let impatience: ReturnType<typeof setInterval>;

  before(async function () {
    federation = await startTestFederation(this, 1, { federation: SMALL });
    home = federation.servers[0]!;
    alice = await home.register('alice');
    // Time goes on, so that what waits for an answer gives up.
    impatience = setInterval(() => federation.clock.advance(1_000), 100);
  });
  after(async () => {
    clearInterval(impatience);
    await federation?.stop();
  });

  beforeEach(async () => {
    hostile = await HostileServer.start(federation);
    mallory = hostile.user('mallory');
    const { body } = await alice.ask('POST', '/v3/createRoom', { preset: 'public_chat' });
    room = (await home.homeserver.services.rooms.get(body.room_id))!;
    branch = Branch.of(room);
    const join = branch.join(hostile, mallory);
    const path = `/_matrix/federation/v2/send_join/${room.id}/${join.eventId}`;
    const answer = await hostile.ask(home, 'PUT', path, wire(join));
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
  });
  afterEach(() => hostile.stop());

  function send(pdus: readonly object[], edus: readonly object[] = []) {
    transactions += 1;
    const body = { origin: hostile.name, origin_server_ts: federation.clock.now(), pdus, edus };
    return hostile.ask(home, 'PUT', `/send/hostile${transactions}`, body);
  }

  async function say(body: string): Promise<string> {
    transactions += 1;
    const path = `/v3/rooms/${room.id}/send/m.room.message/${transactions}`;
    const answer = await alice.ask('PUT', path, { msgtype: 'm.text', body });
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    return answer.body.event_id;
  }

  const isShown = async (eventId: string) =>
    (await alice.ask('GET', `/v3/rooms/${room.id}/event/${encodeURIComponent(eventId)}`)).status === 200;

  /** Whom it asked for what since then. */
  const asked = (since: number) => hostile.requests.slice(since).filter(({ target }) => !target.includes('/key/'));

  it('speaks for its own users, and for nobody else', async () => {
    const inTheNameOfAlice = branch.make(hostile, alice.userId, { type: 'm.room.message', content: { body: 'mine' } });
    const stolen = wire(inTheNameOfAlice) as unknown as Pdu;
    // With a signature of the right name, by the wrong key.
    addSignature(stolen, home.serverName, hostile.key.keyId, 'A'.repeat(86));
    const outsider = branch.make(hostile, hostile.user('eve'), { type: 'm.room.message', content: { body: 'eve' } });
    const throne = { type: 'm.room.power_levels', stateKey: '', content: { users: { [mallory]: 100 } } };
    const king = branch.make(hostile, mallory, throne);
    const kick = { type: 'm.room.member', stateKey: alice.userId, content: { membership: 'leave' } };
    const kicked = branch.make(hostile, mallory, kick);
    const pdus = [wire(inTheNameOfAlice), stolen, wire(outsider), wire(king), wire(kicked)];
    const { status, body } = await send(pdus);
    assert.equal(status, 200);
    for (const event of [inTheNameOfAlice, outsider, king, kicked]) {
      assert.equal(typeof body.pdus[event.eventId]?.error, 'string', event.pdu.type);
      assert.equal(await isShown(event.eventId), false);
    }
    assert.equal(room.isJoined(alice.userId), true);
    await say('still here');
  });

  it('changes nothing of an event on its way', async () => {
    const eventId = await say('as it was');
    const { body } = await hostile.ask(home, 'GET', `/event/${eventId}`);
    await send([{ ...body.pdus[0], content: { msgtype: 'm.text', body: 'as it was not' } }]);
    const seen = await alice.ask('GET', `/v3/rooms/${room.id}/event/${encodeURIComponent(eventId)}`);
    assert.equal(seen.body.content.body, 'as it was');
  });

  it('sends no more than fifty events and a hundred messages at once', async () => {
    const events = Array.from({ length: 51 }, (_, n) => wire(branch.say(hostile, mallory, `number ${n}`)));
    const many = await send(events);
    assert.deepEqual([many.status, many.body.errcode], [400, 'M_BAD_JSON']);
    const typing = { edu_type: 'm.typing', content: { room_id: room.id, user_id: mallory, typing: true } };
    assert.equal((await send([], Array(101).fill(typing))).status, 400);
    assert.equal((await send(events.slice(0, 50), Array(100).fill(typing))).status, 200);
    assert.equal((await send([{ padding: 'x'.repeat(17 * MEGABYTE) }])).status, 413);
  });

  it('cannot send events that are too large or too odd', async () => {
    const make = (content: object) =>
      branch.make(hostile, mallory, { type: 'm.room.message', content: { ...content } });
    const large = make({ body: 'x'.repeat(70_000) });
    const odd = [
      null,
      [],
      'event',
      {},
      { room_id: room.id },
      { ...wire(make({})), depth: -1 },
      { ...wire(make({})), prev_events: Array(21).fill(branch.prev[0]) },
      { ...wire(make({})), auth_events: Array(11).fill(branch.prev[0]) },
      { ...wire(make({})), sender: '\u0000' },
      { ...wire(make({})), content: 'text' },
    ] as object[];
    const { status, body } = await send([wire(large), ...odd]);
    assert.equal(status, 200);
    assert.equal(await isShown(large.eventId), false);
    for (const verdict of Object.values(body.pdus)) assert.ok((verdict as { error?: string }).error);
    await say('unharmed');
  });

  it('is not followed down a history without end', async () => {
    const since = hostile.requests.length;
    const bottomless = (): SignedEvent => {
      const nowhere = [`$${Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64url')}`];
      return branch.make(hostile, mallory, {
        ...{ type: 'm.room.message', content: { body: 'deeper' }, prevEvents: nowhere },
        depth: 1_000_000,
      });
    };
    hostile.scripts.push((request, response) => {
      if (!request.url?.includes('get_missing_events')) return false;
      json(response, 200, { events: Array.from({ length: 20 }, () => wire(bottomless())) });
      return true;
    });
    const event = bottomless();
    const { status } = await send([wire(event)]);
    assert.equal(status, 200);
    const requests = asked(since);
    assert.ok(requests.length > 0 && requests.length < 150, `${requests.length} requests`);
    assert.equal(await isShown(event.eventId), false);
    await say('still on the surface');
  });

  it('is not listened to without end', async () => {
    let written = 0;
    const flood = (response: ServerResponse): void => {
      response.writeHead(200, { 'Content-Type': 'application/json' });
      const chunk = Buffer.alloc(64 * 1024, ' ');
      const pour = (): void => {
        while (!response.destroyed && written < 200 * MEGABYTE) {
          written += chunk.length;
          if (!response.write(chunk)) {
            response.once('drain', pour);
            return;
          }
        }
      };
      pour();
    };
    hostile.scripts.push((request, response) => {
      if (request.url?.startsWith('/_matrix/key')) return false;
      flood(response);
      return true;
    });
    const nowhere = [`$${'x'.repeat(43)}`];
    const event = branch.make(hostile, mallory, { type: 'm.room.message', content: {}, prevEvents: nowhere });
    assert.equal((await send([wire(event)])).status, 200);
    assert.ok(written > 0 && written < 50 * MEGABYTE, `${written} bytes were read`);
    await say('not drowned');
  });

  it('brings in no state larger than what is allowed', async () => {
    const bomb = Array.from({ length: 400 }, (_, n) => `$${String(n).padStart(43, 'x')}`);
    hostile.scripts.push((request, response) => {
      if (!request.url?.includes('/state_ids/')) return false;
      json(response, 200, { pdu_ids: bomb, auth_chain_ids: bomb });
      return true;
    });
    const since = hostile.requests.length;
    const draft = { type: 'm.room.message', content: {} };
    const between = branch.make(hostile, mallory, { ...draft, prevEvents: [`$${'y'.repeat(43)}`] });
    const event = branch.make(hostile, mallory, { ...draft, prevEvents: [between.eventId] });
    hostile.scripts.push((request, response) => {
      if (!request.url?.includes('get_missing_events')) return false;
      json(response, 200, { events: [wire(between)] });
      return true;
    });
    assert.equal((await send([wire(event)])).status, 200);
    assert.ok(asked(since).some(({ target }) => target.includes('/state_ids/')));
    assert.ok(asked(since).length < 20, `${asked(since).length} requests`);
    assert.equal(await isShown(event.eventId), false);
    assert.equal(await isShown(between.eventId), false);
  });

  it('cannot put an event on top of a state of its own making', async () => {
    const since = hostile.requests.length;
    const event = branch.make(hostile, mallory, {
      ...{ type: 'm.room.message', content: { body: 'on top of nothing' } },
      prevEvents: [`$${'z'.repeat(43)}`],
    });
    hostile.scripts.push((request, response) => {
      if (!request.url?.includes('get_missing_events')) return false;
      json(response, 200, { events: [] });
      return true;
    });
    const { body } = await send([wire(event)]);
    // Nothing was decided: it may still come, after what it follows.
    assert.deepEqual(body.pdus, { [event.eventId]: {} });
    assert.equal(await isShown(event.eventId), false);
    assert.deepEqual(
      asked(since).filter(({ target }) => target.includes('/state')),
      [],
    );
    assert.equal(
      room.decided.extremities.some(({ eventId }) => eventId === event.eventId),
      false,
    );
  });

  it('cannot bring events of one room into another, nor lean on them', async () => {
    const { body: other } = await alice.ask('POST', '/v3/createRoom', { preset: 'public_chat' });
    const elsewhere = (await home.homeserver.services.rooms.get(other.room_id))!;
    const [last] = elsewhere.recent.slice(-1);
    const throne = elsewhere.stateEvent('m.room.power_levels', '')!;
    const draft = { type: 'm.room.message', content: { body: 'from elsewhere' } };
    const after = branch.make(hostile, mallory, { ...draft, prevEvents: [last!.eventId] });
    const by = branch.make(hostile, mallory, { ...draft, authEvents: [throne.eventId] });
    await send([wire(after), wire(by), JSON.parse(last!.json)]);
    for (const { eventId } of [after, by, last!]) assert.equal(await isShown(eventId), false);
    await say('in the right place');
  });

  it('cannot leave a hole in the auth chain of what it tells', async () => {
    const profile = (name: string) =>
      branch.add(hostile, mallory, {
        ...{ type: 'm.room.member', stateKey: mallory },
        content: { membership: 'join', displayname: name },
      });
    const before = branch.clone();
    const names = ['A', 'B', 'C', 'D'].map(profile);
    const between = branch.say(hostile, mallory, 'between');
    const event = branch.say(hostile, mallory, 'at the end');
    const held = new Map([...names, between].map((one) => [one.eventId, one]));
    held.delete(names[1]!.eventId);
    hostile.scripts.push((request, response) => {
      const path = decodeURIComponent(request.url ?? '');
      if (path.includes('/get_missing_events/')) json(response, 200, { events: [wire(between)] });
      else if (path.includes('/state_ids/')) {
        json(response, 200, {
          pdu_ids: [...branch.state.values()],
          auth_chain_ids: [...new Set([...before.state.values(), ...names.map(({ eventId }) => eventId)])],
        });
      } else if (path.includes('/federation/v1/event/')) {
        const asked = held.get(path.split('/').at(-1)!);
        if (asked) json(response, 200, { pdus: [wire(asked)] });
        else json(response, 404, { errcode: 'M_NOT_FOUND' });
      } else return false;
      return true;
    });
    await send([wire(event)]);
    assert.equal(await isShown(event.eventId), false);
    assert.equal(room.stateEvent('m.room.member', mallory)?.content['displayname'], undefined);
    const known = await home.homeserver.services.storage.read((tx) =>
      tx.events.byIds(names.map(({ eventId }) => eventId)),
    );
    assert.deepEqual(
      known.map(({ event_id }) => event_id),
      [names[0]!.eventId],
    );
    const onward = before.say(hostile, mallory, 'going on');
    const { body } = await send([wire(onward)]);
    assert.deepEqual(body.pdus, { [onward.eventId]: {} });
    assert.equal(await isShown(onward.eventId), true);
  });

  it('cannot make events of this server point to a crowd', async () => {
    const forks = Array.from({ length: 50 }, (_, n) =>
      branch.make(hostile, mallory, { type: 'm.room.message', content: { body: `fork ${n}` } }),
    );
    const { body } = await send(forks.map(wire));
    for (const { eventId } of forks) assert.deepEqual(body.pdus[eventId], {});
    const eventId = await say('the many');
    const event = await home.homeserver.services.events.byId(eventId, room);
    assert.ok(event!.pdu.prev_events.length <= 20);
  });

  it('makes this server look for few keys, however many have signed', async () => {
    const event = branch.say(hostile, mallory, 'signed by everybody');
    const pdu = wire(event) as unknown as Pdu;
    for (let n = 0; n < 300; n++) addSignature(pdu, hostile.name, `ed25519:key${n}`, 'A'.repeat(86));
    for (let n = 0; n < 300; n++) addSignature(pdu, `server${n}.invalid`, 'ed25519:key', 'A'.repeat(86));
    const since = hostile.requests.length;
    const { status } = await send([pdu]);
    assert.equal(status, 200);
    assert.ok(hostile.requests.length - since < 10, `${hostile.requests.length - since} requests`);
  });

  it('keeps nobody from talking to others by never answering', async () => {
    const bob = await federatedUser(await federation.add(), 'bob');
    const joined = await bob.join(room.id, home);
    assert.equal(joined.status, 200, JSON.stringify(joined.body));
    hostile.scripts.push(() => true);
    for (let i = 0; i < 30; i++) await say(`into the void ${i}`);
    const eventId = await say('to Bob');
    await bob.until((sync) => {
      const events: { event_id: string }[] = sync.rooms?.join?.[room.id]?.timeline?.events ?? [];
      return events.some((event) => event.event_id === eventId) || undefined;
    });
  });

  it('says nothing of users that are not its own', async () => {
    const sync = async (since?: string) =>
      (await alice.ask('GET', `/v3/sync?timeout=0${since === undefined ? '' : `&since=${since}`}`)).body;
    const before = await sync();
    const victim = '@victim:elsewhere.example';
    await send(
      [],
      [
        { edu_type: 'm.typing', content: { room_id: room.id, user_id: victim, typing: true } },
        { edu_type: 'm.presence', content: { push: [{ user_id: victim, presence: 'online' }] } },
        {
          edu_type: 'm.direct_to_device',
          content: {
            ...{ sender: victim, type: 'm.room_key_request', message_id: '1' },
            messages: { [alice.userId]: { '*': { hello: 'there' } } },
          },
        },
        {
          edu_type: 'm.receipt',
          content: { [room.id]: { 'm.read': { [victim]: { event_ids: [branch.prev[0]], data: { ts: 1 } } } } },
        },
        { edu_type: 'm.device_list_update', content: { user_id: victim, device_id: 'X', stream_id: 1, prev_id: [] } },
        { edu_type: 'm.typing', content: { room_id: '!nowhere', user_id: mallory, typing: true } },
        { edu_type: 'org.example.unheard', content: {} },
        { edu_type: 7 },
        null as unknown as object,
      ],
    );
    const after = await sync(before.next_batch);
    assert.ok(!JSON.stringify(after).includes('victim'), JSON.stringify(after));
  });

  it('leaves receipts in threads that there are, and in no others', async () => {
    const eventId = await say('read me');
    const receipt = (thread_id: string) => ({
      edu_type: 'm.receipt',
      content: { [room.id]: { 'm.read': { [mallory]: { event_ids: [eventId], data: { ts: 1, thread_id } } } } },
    });
    await send([], ['main', eventId, ...Array.from({ length: 90 }, (_, n) => `$thread${n}`), '__proto__'].map(receipt));
    const rows = await home.homeserver.services.storage.read((tx) => tx.receipts.ofUser(mallory));
    assert.deepEqual(rows.map(({ thread_id }) => thread_id).sort(), [eventId, 'main'].sort());
  });

  it('fills no device with messages that are larger than they may be', async () => {
    const before = (await alice.ask('GET', '/v3/sync')).body.next_batch;
    const message = (message_id: string, content: object, type = 'm.test') => ({
      edu_type: 'm.direct_to_device',
      content: { ...{ sender: mallory, type, message_id }, messages: { [alice.userId]: { '*': content } } },
    });
    await send(
      [],
      [
        message('large', { body: 'x'.repeat(300_000) }),
        message('long', {}, 'm.'.repeat(200)),
        message('small', { body: 'hello' }),
      ],
    );
    const { to_device } = (await alice.ask('GET', `/v3/sync?since=${before}`)).body;
    assert.deepEqual(to_device.events, [{ sender: mallory, type: 'm.test', content: { body: 'hello' } }]);
  });

  it('breaks nothing by objects in objects in objects, nor by names that mean something to JavaScript', async () => {
    const deep = `${'{"a":['.repeat(50_000)}${']}'.repeat(50_000)}`;
    const start = `{"origin":"${hostile.name}","origin_server_ts":1,"edus":[],"pdus":[`;
    const texts = [
      `${start}{"room_id":"${room.id}","content":${deep}}]}`,
      `${start}],"__proto__":{"pdus":[1]},"constructor":${deep}}`,
    ];
    for (const text of texts) {
      const authorization = `X-Matrix origin="${hostile.name}",destination="${home.serverName}",key="${hostile.key.keyId}",sig="AAAA"`;
      const uri = '/_matrix/federation/v1/send/deep';
      const { status } = await hostile.send(home, 'PUT', uri, text, { authorization });
      assert.ok(status >= 400 && status < 500, String(status));
    }
    const odd = JSON.parse('{"__proto__":{"admin":true},"constructor":{"prototype":1},"toString":5}');
    const event = branch.say(hostile, mallory, 'odd');
    const message = branch.make(hostile, mallory, { type: 'm.room.message', content: odd });
    const { body } = await send([wire(event), wire(message)], [{ edu_type: 'constructor', content: odd }]);
    assert.deepEqual(body.pdus, { [event.eventId]: {}, [message.eventId]: {} });
    const seen = await alice.ask('GET', `/v3/rooms/${room.id}/event/${encodeURIComponent(message.eventId)}`);
    assert.deepEqual(Object.keys(seen.body.content).sort(), ['__proto__', 'constructor', 'toString']);
    assert.equal(({} as { admin?: boolean }).admin, undefined);
    await say('unmoved');
  });
});
