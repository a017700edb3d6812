import { deepStrictEqual, notStrictEqual, ok, rejects, strictEqual } from 'node:assert/strict';
import { startTestHomeserver, type TestHomeserver, type TestUser } from '../../../support/test-homeserver.ts';

const PATH = '/_synapse/admin/v1/send_server_notice';
const CONTENT = { msgtype: 'm.text', body: 'We are down for an hour tonight' };
const OPTIONS = { localpart: 'notices', display_name: 'The management', room_topic: 'From us' };

describe('Server notices', () => {
  let server: TestHomeserver;
  let admin: TestUser;
  let alice: TestUser;
  let count = 0;

  before(async () => {
    server = await startTestHomeserver({ server_notices: OPTIONS, rooms: { encrypt_by_default: 'all' } });
    const { accounts } = server.homeserver.services;
    admin = await server.register('admin');
    await accounts.setAdmin(admin.userId, true);
    admin = await server.login('admin');
  });
  after(() => server.stop());
  beforeEach(async () => {
    count += 1;
    alice = await server.register(`alice${count}`);
  });

  const notify = (user: TestUser, more: object = {}, txnId?: string) =>
    admin.ask(txnId === undefined ? 'POST' : 'PUT', txnId === undefined ? PATH : `${PATH}/${txnId}`, {
      user_id: user.userId,
      content: CONTENT,
      ...more,
    });
  const invites = async (user: TestUser) => Object.keys((await user.ask('GET', '/v3/sync')).body.rooms?.invite ?? {});

  it('invite the user to a room of their own, which they cannot turn down or write in', async () => {
    strictEqual((await notify(alice)).status, 200);
    const [roomId] = await invites(alice);
    const room = `/v3/rooms/${encodeURIComponent(roomId!)}`;
    const refused = await alice.ask('POST', `${room}/leave`, {});
    deepStrictEqual([refused.status, refused.body.errcode], [403, 'M_CANNOT_LEAVE_SERVER_NOTICE_ROOM']);
    const byState = { membership: 'leave' };
    const member = `${room}/state/m.room.member/${encodeURIComponent(alice.userId)}`;
    strictEqual((await alice.ask('PUT', member, byState)).body.errcode, 'M_CANNOT_LEAVE_SERVER_NOTICE_ROOM');
    strictEqual((await alice.ask('POST', `${room}/join`, {})).status, 200);
    const { chunk } = (await alice.ask('GET', `${room}/messages?dir=b&limit=3`)).body;
    const notice = chunk.find(({ type }: { type: string }) => type === 'm.room.message');
    deepStrictEqual([notice.sender, notice.content], ['@notices:test.example', CONTENT]);
    strictEqual((await alice.ask('PUT', `${room}/send/m.room.message/1`, CONTENT)).status, 403);
    strictEqual((await alice.ask('GET', `${room}/state/m.room.encryption`)).status, 404);
    strictEqual((await alice.ask('GET', `${room}/state/m.room.name`)).body.name, 'Server notices');
    const tags = await alice.ask('GET', `/v3/user/${encodeURIComponent(alice.userId)}/rooms/${roomId}/tags`);
    deepStrictEqual(tags.body, { tags: { 'm.server_notice': {} } });
    strictEqual((await alice.ask('POST', `${room}/leave`, {})).status, 200);
  });

  it('always go to the same room, and to those who take no invites, too', async () => {
    const account = `/v3/user/${encodeURIComponent(alice.userId)}/account_data/m.invite_permission_config`;
    await alice.ask('PUT', account, { default_action: 'block' });
    await notify(alice);
    await notify(alice);
    const [first, ...others] = await invites(alice);
    ok(first !== undefined && others.length === 0);
    await alice.ask('POST', `/v3/rooms/${encodeURIComponent(first)}/join`, {});
    await server.restart();
    await notify(alice);
    deepStrictEqual(await invites(alice), []);
    await alice.ask('POST', `/v3/rooms/${encodeURIComponent(first)}/leave`, {});
    const again = await notify(alice);
    deepStrictEqual([again.status, await invites(alice)], [200, [first]]);
  });

  it('are sent once for each transaction id', async () => {
    const first = await notify(alice, {}, 'once');
    strictEqual((await notify(alice, {}, 'once')).body.event_id, first.body.event_id);
    notStrictEqual((await notify(alice, {}, 'twice')).body.event_id, first.body.event_id);
    strictEqual((await notify(alice, { type: 'org.example.state', state_key: '' })).status, 200);
  });

  it('are for administrators, and for users of this server', async () => {
    strictEqual((await alice.ask('POST', PATH, { user_id: alice.userId, content: CONTENT })).status, 403);
    strictEqual((await notify(alice, { user_id: '@alice:elsewhere.example' })).status, 400);
    strictEqual((await notify(alice, { user_id: '@nobody:test.example' })).body.errcode, 'M_NOT_FOUND');
    strictEqual((await notify(alice, { content: undefined })).status, 400);
  });

  it('come from a user whom nobody can be', async () => {
    const profile = await alice.ask('GET', '/v3/profile/@notices:test.example');
    deepStrictEqual(profile.body, { displayname: 'The management' });
    await rejects(server.register('notices'), /M_USER_IN_USE/);
  });

  it('do not keep anybody who is deactivated', async () => {
    await notify(alice);
    const [roomId] = await invites(alice);
    await server.homeserver.services.deactivation.deactivate(alice.userId, false);
    await server.homeserver.services.departures.settled();
    const room = await server.homeserver.services.rooms.get(roomId!);
    strictEqual(room?.stateEvent('m.room.member', alice.userId)?.content['membership'], 'leave');
  });
});

describe('A server', () => {
  it('puts users into the room for notices, if configured', async () => {
    const server = await startTestHomeserver({ server_notices: { localpart: 'notices', auto_join: true } });
    try {
      const alice = await server.register('alice');
      await server.homeserver.services.accounts.setAdmin(alice.userId, true);
      const admin = await server.login('alice');
      strictEqual((await admin.ask('POST', PATH, { user_id: alice.userId, content: CONTENT })).status, 200);
      strictEqual(Object.keys((await alice.ask('GET', '/v3/sync')).body.rooms.join).length, 1);
    } finally {
      await server.stop();
    }
  });

  it("has no notices unless somebody brings them, and takes nobody's name for that", async () => {
    const server = await startTestHomeserver();
    try {
      const alice = await server.register('alice');
      await server.homeserver.services.accounts.setAdmin(alice.userId, true);
      const admin = await server.login('alice');
      const refused = await admin.ask('POST', PATH, { user_id: alice.userId, content: CONTENT });
      strictEqual(refused.status, 400);
      await server.halt();
      await rejects(startTestHomeserver({ server_notices: { localpart: 'alice' } }, server.engine), /somebody else/);
    } finally {
      await server.stop();
    }
  });
});
