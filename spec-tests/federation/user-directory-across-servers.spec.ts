import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { type FederatedUser, federatedUser } from '../support/federated-users.ts';
import { startTestFederation, type TestFederation, type TestPeer } from '../support/test-federation.ts';

describe('The user directory and users of other servers', function () {
  this.timeout(20_000);
  let federation: TestFederation;
  let here: TestPeer;
  let there: TestPeer;
  let alice: FederatedUser;
  let carol: FederatedUser;
  let bob: FederatedUser;

  before(async function () {
    federation = await startTestFederation(this, 2);
    [here, there] = federation.servers as [TestPeer, TestPeer];
    alice = await federatedUser(here, 'alice');
    carol = await federatedUser(here, 'carol');
    bob = await federatedUser(there, 'bob');
    await bob.must('PUT', `/v3/profile/${bob.userId}/displayname`, { displayname: 'Robert Öz' });
    await bob.must('PUT', `/v3/profile/${bob.userId}/avatar_url`, { avatar_url: 'mxc://there.example/b' });
  });
  after(() => federation?.stop());

  const settle = async () => {
    for (let round = 0; round < 3; round++) {
      for (const { homeserver } of [here, there]) {
        await homeserver.services.outbox.drain();
        await homeserver.services.roomLanes.drain();
      }
    }
    await here.homeserver.services.remoteNames.run();
  };
  const found = async (term: string, who = alice) => {
    const { results } = await who.must('POST', '/v3/user_directory/search', { search_term: term });
    return results as { user_id: string; display_name?: string }[];
  };
  const ids = async (term: string, who = alice) => (await found(term, who)).map(({ user_id: userId }) => userId);

  it('finds those who share a room, by their names and ids, and shows them to nobody else', async () => {
    const room = await alice.room({ preset: 'private_chat', invite: [bob.userId] });
    await settle();
    deepStrictEqual(await ids('robert'), [], 'who is invited only');
    strictEqual((await bob.join(room, here)).status, 200);
    await settle();
    const shown = { user_id: bob.userId, display_name: 'Robert Öz', avatar_url: 'mxc://there.example/b' };
    for (const term of ['robert', 'oz', 'bob', bob.userId]) deepStrictEqual(await found(term), [shown], term);
    deepStrictEqual([await ids('robert', carol), await ids('bob', carol)], [[], []]);
  });

  it('follows their names, and finds those who were there before a room was joined', async () => {
    const room = await bob.room({ preset: 'public_chat' });
    strictEqual((await carol.join(room, there)).status, 200);
    await settle();
    deepStrictEqual(await ids('robert', carol), [bob.userId]);
    await bob.must('PUT', `/v3/profile/${bob.userId}/displayname`, { displayname: 'Bobby' });
    await there.homeserver.services.profileRooms.settled();
    await settle();
    deepStrictEqual([await ids('robert', carol), await ids('bobby', carol)], [[], [bob.userId]]);
  });

  it('shows the name of a room to those alone who may know of the room', async () => {
    const secret = await alice.room({ preset: 'private_chat', invite: [bob.userId] });
    await bob.join(secret, here);
    await settle();
    const member = { membership: 'join', displayname: 'Agent Zed' };
    await bob.setState(secret, 'm.room.member', member, bob.userId);
    await settle();
    deepStrictEqual(await ids('zed'), [bob.userId]);
    deepStrictEqual(await ids('zed', carol), []);
    deepStrictEqual((await found('bob', carol))[0]?.display_name, 'Bobby');
  });

  it('makes up at the start for what it had not written down', async () => {
    const dora = await federatedUser(there, 'dora');
    const room = await alice.room({ preset: 'public_chat' });
    strictEqual((await dora.join(room, here)).status, 200);
    deepStrictEqual(await ids('dora'), []);
    await here.restart();
    await here.homeserver.services.remoteNames.run();
    deepStrictEqual(await ids('dora'), [dora.userId]);
  });
});
