import { deepEqual, equal, match } from 'node:assert/strict';
import { ROOM_VERSIONS } from '../../src/protocol/room-versions/index.ts';
import { engineName } from '../support/engines.ts';
import { type FederatedUser, federatedUser } from '../support/federated-users.ts';
import { startTestFederation, type TestFederation } from '../support/test-federation.ts';

/** What versions do differently, they do alike on either engine. */
const VERSIONS = engineName() === 'sqlite' ? ROOM_VERSIONS : ['1', '12'];

describe('Rooms of each version across servers', function () {
  this.timeout(60_000);
  let federation: TestFederation;
  let alice: FederatedUser;
  let bob: FederatedUser;
  let transactions = 0;

  before(async function () {
    // What goes on in the thread for large conflicts has to come to what the other server comes to without it.
    federation = await startTestFederation(this, 1);
    await federation.add({ limits: { resolution_inline_events: 1 } });
    const [here, there] = federation.servers;
    alice = await federatedUser(here!, 'alice');
    bob = await federatedUser(there!, 'bob');
  });
  after(() => federation?.stop());

  /** Lets everything arrive that is on its way. */
  const settle = async () => {
    for (let round = 0; round < 3; round++) {
      for (const { homeserver } of federation.servers) {
        await homeserver.services.outbox.drain();
        await homeserver.services.roomLanes.drain();
      }
    }
  };
  const inRoom = (roomId: string, path: string) => `/v3/rooms/${encodeURIComponent(roomId)}/${path}`;
  const say = async (user: FederatedUser, roomId: string, body: string): Promise<string> => {
    transactions += 1;
    const content = { msgtype: 'm.text', body };
    const answer = await user.must('PUT', inRoom(roomId, `send/m.room.message/${transactions}`), content);
    return answer.event_id;
  };
  const redact = (user: FederatedUser, roomId: string, eventId: string) => {
    transactions += 1;
    return user.must('PUT', inRoom(roomId, `redact/${encodeURIComponent(eventId)}/${transactions}`), {});
  };
  const content = async (user: FederatedUser, roomId: string, eventId: string) =>
    (await user.must('GET', inRoom(roomId, `event/${encodeURIComponent(eventId)}`))).content;
  const state = async (user: FederatedUser, roomId: string): Promise<string[]> =>
    (await user.must('GET', inRoom(roomId, 'state'))).map((event: { event_id: string }) => event.event_id).sort();

  const room = async (version: string): Promise<string> => {
    const roomId = await alice.room({
      ...{ preset: 'public_chat', room_version: version, power_level_content_override: { users_default: 50 } },
    });
    const joined = await bob.join(roomId, alice.server);
    equal(joined.status, 200, JSON.stringify(joined.body));
    await settle();
    return roomId;
  };

  for (const version of VERSIONS) {
    it(`of version ${version} are joined, written in from both sides and redacted in`, async () => {
      const roomId = await room(version);
      const create = (await alice.must('GET', inRoom(roomId, 'state/m.room.create'))) as { room_version: string };
      equal(create.room_version, version);
      const ofAlice = await say(alice, roomId, 'from here');
      await settle();
      const ofBob = await say(bob, roomId, 'from there');
      await settle();
      deepEqual(await content(bob, roomId, ofAlice), { msgtype: 'm.text', body: 'from here' });
      deepEqual(await content(alice, roomId, ofBob), { msgtype: 'm.text', body: 'from there' });
      await redact(bob, roomId, ofBob);
      await redact(alice, roomId, ofAlice);
      await settle();
      for (const user of [alice, bob]) {
        for (const eventId of [ofAlice, ofBob]) deepEqual(await content(user, roomId, eventId), {});
      }
    });

    it(`of version ${version} agree on their state where both sides write at once, and after a restart`, async () => {
      const roomId = await room(version);
      for (let round = 0; round < 3; round++) {
        const set = (user: FederatedUser, key: string) =>
          user.setState(roomId, 'org.example.state', { round, key }, key);
        await Promise.all([
          ...[alice, bob].map((user) => user.setState(roomId, 'm.room.topic', { topic: `${user.userId} ${round}` })),
          ...['one', 'two'].flatMap((key) => [set(alice, key), set(bob, key)]),
          say(alice, roomId, 'at once'),
          say(bob, roomId, 'at once'),
        ]);
        await settle();
      }
      await say(alice, roomId, 'after it');
      await settle();
      deepEqual(await state(bob, roomId), await state(alice, roomId));
      await alice.server.restart();
      await say(alice, roomId, 'after the restart');
      await settle();
      await bob.must('POST', inRoom(roomId, 'leave'), {});
      await settle();
      deepEqual(await alice.members(roomId), [alice.userId]);
      await alice.must('POST', inRoom(roomId, 'invite'), { user_id: bob.userId });
      equal((await bob.section(roomId)).kind, 'invite');
      equal((await bob.join(roomId, alice.server)).status, 200);
      await settle();
      deepEqual(await state(bob, roomId), await state(alice, roomId));
    });
  }

  it('are upgraded from the oldest version to the newest', async () => {
    const old = await room('1');
    const { replacement_room: roomId } = await alice.must('POST', inRoom(old, 'upgrade'), { new_version: '12' });
    match(roomId, /^![A-Za-z0-9_-]{43}$/);
    await settle();
    const tombstone = await bob.must('GET', inRoom(old, 'state/m.room.tombstone'));
    equal(tombstone.replacement_room, roomId);
    equal((await bob.join(roomId, alice.server)).status, 200);
    const create = await bob.must('GET', inRoom(roomId, 'state/m.room.create'));
    equal(create.predecessor.room_id, old);
    await settle();
    deepEqual(await state(bob, roomId), await state(alice, roomId));
  });
});
