import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import type { JsonObject } from '../../../src/protocol/json.ts';
import { roomVersion } from '../../../src/protocol/room-versions/index.ts';
import { signEvent } from '../../../src/protocol/signing/sign-event.ts';
import { signJson } from '../../../src/protocol/signing/sign-json.ts';
import { signingKeyFromSeed } from '../../../src/protocol/signing/signing-key.ts';
import { type FederatedUser, federatedUser } from '../../support/federated-users.ts';
import { HostileServer, json } from '../../support/hostile-server.ts';
import { startTestFederation, type TestFederation, type TestPeer } from '../../support/test-federation.ts';

const TOKEN = 'token-of-the-invite';

describe('An invited address', function () {
  this.timeout(30_000);
  const identityKey = signingKeyFromSeed(Buffer.alloc(32, 9), '0');
  let federation: TestFederation;
  let a: TestPeer;
  let other: HostileServer;
  let alice: FederatedUser;
  let guest: string;

  before(async function () {
    federation = await startTestFederation(this, 1);
    [a] = federation.servers as [TestPeer];
    other = await HostileServer.start(federation);
    alice = await federatedUser(a, 'alice');
    guest = other.user('guest');
  });
  after(async () => {
    await other?.stop();
    await federation?.stop();
  });
  beforeEach(() => {
    other.scripts.length = 0;
  });

  const signedFor = (mxid: string, token = TOKEN) => signJson({ mxid, token }, 'id.example', identityKey);
  const roomWithInvite = async () => {
    const roomId = await alice.room();
    const content = {
      display_name: 'g...@example.org',
      public_key: identityKey.publicKey,
      key_validity_url: 'https://id.example/valid',
    };
    await alice.setState(roomId, 'm.room.third_party_invite', content, TOKEN);
    return roomId;
  };
  const exchange = (roomId: string, changes: JsonObject = {}, signed: JsonObject = signedFor(guest)) =>
    other.ask(a, 'PUT', `/exchange_third_party_invite/${roomId}`, {
      ...{ type: 'm.room.member', room_id: roomId, sender: alice.userId, state_key: guest },
      content: { membership: 'invite', third_party_invite: { display_name: 'x', signed } },
      ...changes,
    });
  /** The other server signs what it is invited with. */
  const takeInvites = () =>
    other.scripts.push((request, response, body) => {
      if (!request.url?.startsWith('/_matrix/federation/v2/invite/')) return false;
      const { event, room_version: version } = JSON.parse(body);
      signEvent(event, roomVersion(version)!, { serverName: other.name, key: other.key });
      json(response, 200, { event });
      return true;
    });

  it('becomes an invite of the user whose address it is, on another server', async () => {
    takeInvites();
    const roomId = await roomWithInvite();
    const answer = await exchange(roomId);
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    const member = await alice.must('GET', `/v3/rooms/${roomId}/state/m.room.member/${guest}`);
    assert.equal(member.membership, 'invite');
    assert.equal(member.third_party_invite.display_name, 'g...@example.org');
  });

  it('is not taken into the room before the other server has signed the invite', async () => {
    other.scripts.push((request, response, body) => {
      if (!request.url?.startsWith('/_matrix/federation/v2/invite/')) return false;
      json(response, 200, { event: JSON.parse(body).event });
      return true;
    });
    const roomId = await roomWithInvite();
    assert.equal((await exchange(roomId)).status, 502);
    assert.equal((await alice.ask('GET', `/v3/rooms/${roomId}/state/m.room.member/${guest}`)).status, 404);
  });

  it('is nothing without the word of the identity server', async () => {
    takeInvites();
    const roomId = await roomWithInvite();
    const forged = signJson({ mxid: guest, token: TOKEN }, 'id.example', signingKeyFromSeed(Buffer.alloc(32, 8), '0'));
    for (const signed of [forged, signedFor(other.user('somebody')), signedFor(guest, 'another token')]) {
      assert.equal((await exchange(roomId, {}, signed)).body.errcode, 'M_FORBIDDEN');
    }
  });

  const wrong: [string, (roomId: string) => ReturnType<typeof exchange>, string][] = [
    ['another event', (roomId) => exchange(roomId, { type: 'm.room.topic' }), 'M_INVALID_PARAM'],
    ['another room', (roomId) => exchange(roomId, { room_id: '!other:a.example' }), 'M_INVALID_PARAM'],
    ['a join', (roomId) => exchange(roomId, { content: { membership: 'join' } }), 'M_INVALID_PARAM'],
    ['nobody', (roomId) => exchange(roomId, { state_key: 'nobody' }), 'M_INVALID_PARAM'],
    ['an unsigned invite', (roomId) => exchange(roomId, { content: { membership: 'invite' } }), 'M_INVALID_PARAM'],
    ['an inviter of another server', (roomId) => exchange(roomId, { sender: guest }), 'M_FORBIDDEN'],
  ];
  for (const [what, attempt, errcode] of wrong) {
    it(`cannot be exchanged for ${what}`, async () => {
      const answer = await attempt(await roomWithInvite());
      assert.equal(answer.body.errcode, errcode);
    });
  }

  describe('that now belongs to a user of this server', () => {
    const bound = (userId: string, invites: JsonObject[]) =>
      other.send(
        a,
        'PUT',
        '/_matrix/federation/v1/3pid/onbind',
        JSON.stringify({ medium: 'email', address: 'x@example.org', mxid: userId, invites }),
        {},
      );
    const inviteFor = (userId: string, roomId: string, sender: string) => ({
      ...{ medium: 'email', address: 'x@example.org', mxid: userId, room_id: roomId, sender },
      signed: signedFor(userId),
    });

    it('invites them where the inviter is of this server, too', async () => {
      const bob = await federatedUser(a, 'bob');
      const roomId = await roomWithInvite();
      assert.equal((await bound(bob.userId, [inviteFor(bob.userId, roomId, alice.userId)])).status, 200);
      assert.equal((await bob.section(roomId)).kind, 'invite');
    });

    it('asks the server of the inviter otherwise', async () => {
      const carol = await federatedUser(a, 'carol');
      const asked: JsonObject[] = [];
      other.scripts.push((request, response, body) => {
        if (!request.url?.includes('/exchange_third_party_invite/')) return false;
        asked.push(JSON.parse(body));
        json(response, 200, {});
        return true;
      });
      const roomId = '!0123456789012345678901234567890123456789012';
      const answer = await bound(carol.userId, [inviteFor(carol.userId, roomId, other.user('inviter'))]);
      assert.equal(answer.status, 200);
      assert.equal(asked.length, 1);
      assert.equal(asked[0]!['room_id'], roomId);
      assert.equal(asked[0]!['state_key'], carol.userId);
    });

    it('is no error where the invite has come to nothing', async () => {
      const dan = await federatedUser(a, 'dan');
      const roomId = '!0123456789012345678901234567890123456789012';
      const invites = [
        inviteFor(dan.userId, roomId, other.user('inviter')),
        inviteFor(dan.userId, roomId, alice.userId),
        inviteFor(dan.userId, roomId, '@away:localhost:1'),
      ];
      assert.equal((await bound(dan.userId, invites)).status, 200);
    });

    it('is refused for those who are none', async () => {
      assert.equal((await bound(`@nobody:${a.serverName}`, [])).body.errcode, 'M_INVALID_PARAM');
      assert.equal((await bound(guest, [])).body.errcode, 'M_INVALID_PARAM');
    });
  });
});

describe('Inviting an address', function () {
  this.timeout(30_000);
  const identityKey = signingKeyFromSeed(Buffer.alloc(32, 9), '0');
  let federation: TestFederation;
  let a: TestPeer;
  let identity: HostileServer;
  let alice: FederatedUser;
  /** What the identity server was asked. */
  const asked: [path: string, body: JsonObject | undefined, token: string | undefined][] = [];
  let mappings: JsonObject = {};
  let stored: JsonObject = {};

  before(async function () {
    federation = await startTestFederation(this, 1, { federation: { identity_servers: ['localhost:*'] } });
    [a] = federation.servers as [TestPeer];
    identity = await HostileServer.start(federation);
    alice = await federatedUser(a, 'alice');
    identity.scripts.push((request, response, body) => {
      const path = request.url?.replace('/_matrix/identity/v2/', '') ?? '';
      asked.push([path, body === '' ? undefined : JSON.parse(body), request.headers.authorization]);
      if (path === 'hash_details') json(response, 200, { lookup_pepper: 'pepper', algorithms: ['none', 'sha256'] });
      else if (path === 'lookup') json(response, 200, { mappings });
      else json(response, 200, stored);
      return true;
    });
  });
  after(async () => {
    await identity?.stop();
    await federation?.stop();
  });
  beforeEach(() => {
    asked.length = 0;
    mappings = {};
    const key = { public_key: identityKey.publicKey, key_validity_url: 'https://id.example/valid' };
    stored = { token: 'the-token', public_keys: [key], display_name: 'x...@example.org' };
  });

  const invite = (roomId: string, server: string = identity.name) =>
    alice.ask('POST', `/v3/rooms/${roomId}/invite`, {
      ...{ medium: 'email', address: 'x@example.org', id_server: server, id_access_token: 'secret' },
    });

  it('lets the identity server keep the invite of somebody unknown', async () => {
    const roomId = await alice.room({ name: 'Kitchen' });
    assert.equal((await invite(roomId)).status, 200);
    const kept = await alice.must('GET', `/v3/rooms/${roomId}/state/m.room.third_party_invite/the-token`);
    assert.equal(kept.display_name, 'x...@example.org');
    assert.equal(kept.public_key, identityKey.publicKey);
    const [path, body, token] = asked.at(-1)!;
    assert.equal(path, 'store-invite');
    assert.equal(body?.['room_name'], 'Kitchen');
    assert.equal(body?.['address'], 'x@example.org');
    assert.equal(token, 'Bearer secret');
    assert.ok(!JSON.stringify(asked[1]).includes('x@example.org'));
  });

  it('invites the user who has the address', async () => {
    const bob = await federatedUser(a, 'bob');
    const roomId = await alice.room();
    // The hash of the address, as the specification makes it.
    mappings = { [hash('sha256', 'x@example.org email pepper', 'base64url')]: bob.userId };
    assert.equal((await invite(roomId)).status, 200);
    assert.equal((await bob.section(roomId)).kind, 'invite');
  });

  it('is refused before anybody is asked to those who may not invite', async () => {
    const roomId = await alice.room({ power_level_content_override: { invite: 200 }, room_version: '11' });
    assert.equal((await invite(roomId)).body.errcode, 'M_FORBIDDEN');
    assert.deepEqual(asked, []);
  });

  it('fails where the identity server answers something else', async () => {
    const roomId = await alice.room();
    stored = { token: 'the-token', public_keys: [] };
    assert.equal((await invite(roomId)).status, 502);
  });

  it('is possible through the configured identity servers alone', async () => {
    const roomId = await alice.room();
    assert.equal((await invite(roomId, 'id.example')).body.errcode, 'M_SERVER_NOT_TRUSTED');
  });
});
