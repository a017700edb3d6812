import assert from 'node:assert/strict';
import { HostileServer } from '../../support/hostile-server.ts';
import { startTestFederation, type TestFederation, type TestPeer } from '../../support/test-federation.ts';
import type { TestUser } from '../../support/test-homeserver.ts';

describe('A hostile server that reads', function () {
  this.timeout(30_000);
  let federation: TestFederation;
  let home: TestPeer;
  let alice: TestUser;
  let hostile: HostileServer;
  let transactions = 0;

  before(async function () {
    federation = await startTestFederation(this, 1, { limits: { state_requests_per_server: 1 } });
    home = federation.servers[0]!;
    alice = await home.register('alice');
    hostile = await HostileServer.start(federation);
  });
  after(async () => {
    await hostile?.stop();
    await federation?.stop();
  });

  async function room(options: object): Promise<string> {
    return (await alice.ask('POST', '/v3/createRoom', options)).body.room_id;
  }

  async function say(roomId: string, body: string): Promise<string> {
    transactions += 1;
    const path = `/v3/rooms/${roomId}/send/m.room.message/${transactions}`;
    return (await alice.ask('PUT', path, { msgtype: 'm.text', body })).body.event_id;
  }

  /** Makes a user of the hostile server a member, as if it had come by the front door. */
  async function admit(roomId: string, membership: string, sender = hostile.user('mallory')): Promise<void> {
    const draft = { type: 'm.room.member', sender, stateKey: hostile.user('mallory'), content: { membership } };
    await home.homeserver.services.timeline.send(roomId, draft);
  }

  const readings = (roomId: string, eventId: string) =>
    [
      ['GET', `/event/${eventId}`],
      ['GET', `/state/${roomId}?event_id=${eventId}`],
      ['GET', `/state_ids/${roomId}?event_id=${eventId}`],
      ['GET', `/event_auth/${roomId}/${eventId}`],
      ['GET', `/backfill/${roomId}?v=${eventId}&limit=100`],
      ['GET', `/timestamp_to_event/${roomId}?ts=0&dir=f`],
      ['POST', `/get_missing_events/${roomId}`, { earliest_events: [], latest_events: [eventId] }],
    ] as const;

  it('learns nothing of a room that it is not in, not even that there is one', async () => {
    const roomId = await room({ preset: 'private_chat', name: 'Secret' });
    const eventId = await say(roomId, 'the password is swordfish');
    const nowhere = `!${'x'.repeat(43)}`;
    const nothing = `$${'x'.repeat(43)}`;
    for (const [i, [method, path, body]] of readings(roomId, eventId).entries()) {
      const answer = await hostile.ask(home, method, path, body);
      const ofNothing = await hostile.ask(home, method, readings(nowhere, nothing)[i]![1], body);
      assert.ok(answer.status === 403 || answer.status === 404, path);
      assert.deepEqual(answer, ofNothing);
    }
  });

  it('reads no event of a room that it is not in by way of one that it is in', async () => {
    const secret = await say(await room({ preset: 'private_chat', name: 'Secret' }), 'the password is swordfish');
    const roomId = await room({ preset: 'public_chat' });
    await admit(roomId, 'join');
    for (const [method, path, body] of readings(roomId, secret)) {
      if (path.startsWith('/timestamp_to_event/')) continue;
      const answer = await hostile.ask(home, method, path, body);
      const told = JSON.stringify(answer.body);
      assert.ok(!told.includes('swordfish') && !told.includes('Secret'), path);
      const { pdus = [], events = [], auth_chain: chain = [] } = answer.body;
      assert.deepEqual([...pdus, ...events, ...chain], [], path);
    }
  });

  it('reads no room for being invited, or for having been in it', async () => {
    const roomId = await room({ preset: 'public_chat' });
    const eventId = await say(roomId, 'the password is swordfish');
    const readsNothing = async () => {
      for (const [method, path, body] of readings(roomId, eventId)) {
        const { status } = await hostile.ask(home, method, path, body);
        assert.ok(status === 403 || status === 404, path);
      }
    };
    await admit(roomId, 'invite', alice.userId);
    await readsNothing();
    await admit(roomId, 'join');
    await admit(roomId, 'leave');
    await readsNothing();
  });

  it('reads nothing that was said before it came, where the room hides that', async () => {
    const roomId = await room({
      preset: 'public_chat',
      initial_state: [{ type: 'm.room.history_visibility', state_key: '', content: { history_visibility: 'joined' } }],
    });
    const secret = await say(roomId, 'the password is swordfish');
    await admit(roomId, 'join');
    const open = await say(roomId, 'welcome');
    for (const eventId of [secret, open]) {
      for (const [method, path, body] of readings(roomId, eventId)) {
        const answer = await hostile.ask(home, method, path, body);
        assert.equal(answer.status, 200, path);
        assert.ok(!JSON.stringify(answer.body).includes('swordfish'), path);
      }
    }
    const { body } = await hostile.ask(home, 'GET', `/event/${open}`);
    assert.equal(body.pdus[0].content.body, 'welcome');
  });

  it('is shut out of every endpoint about a room by its server ACL', async () => {
    const roomId = await room({ preset: 'public_chat' });
    await admit(roomId, 'join');
    const eventId = await say(roomId, 'hello');
    await alice.ask('PUT', `/v3/rooms/${roomId}/state/m.room.server_acl`, { allow: ['*'], deny: ['localhost'] });
    const doors = [
      ...readings(roomId, eventId),
      ['GET', `/make_join/${roomId}/${hostile.user('eve')}?ver=12`],
      ['GET', `/make_leave/${roomId}/${hostile.user('mallory')}`],
      ['GET', `/make_knock/${roomId}/${hostile.user('eve')}?ver=12`],
      ['PUT', `/_matrix/federation/v2/send_join/${roomId}/${eventId}`, {}],
      ['PUT', `/_matrix/federation/v2/send_leave/${roomId}/${eventId}`, {}],
      ['PUT', `/send_knock/${roomId}/${eventId}`, {}],
    ] as const;
    for (const [method, path, body] of doors) {
      const answer = await hostile.ask(home, method, path, body);
      assert.ok([400, 403, 404].includes(answer.status), `${path} ${answer.status}`);
      assert.ok(answer.body.pdus === undefined && answer.body.event === undefined, path);
    }
  });

  it('gets no more than its share of whole states at once, and keeps nobody else from theirs', async () => {
    const roomId = await room({ preset: 'public_chat' });
    await admit(roomId, 'join');
    const { timeline } = home.homeserver.services;
    const members = Array.from({ length: 500 }, (_, n) => ({
      ...{ type: 'm.room.member', sender: hostile.user(`u${n}`), stateKey: hostile.user(`u${n}`) },
      content: { membership: 'join' },
    }));
    await timeline.change(roomId, (turn, present) => timeline.append(turn, present, members));
    const eventId = await say(roomId, 'hello');
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => hostile.ask(home, 'GET', `/state/${roomId}?event_id=${eventId}`)),
    );
    const statuses = new Set(answers.map(({ status }) => status));
    assert.deepEqual([...statuses].sort(), [200, 429]);
    assert.equal((await hostile.ask(home, 'GET', `/state_ids/${roomId}?event_id=${eventId}`)).status, 200);
  });
});
