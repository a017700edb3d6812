import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { startTestFederation, type TestFederation, type TestPeer } from '../support/test-federation.ts';
import type { TestUser } from '../support/test-homeserver.ts';

describe('Events across servers', function () {
  this.timeout(20_000);
  let federation: TestFederation;
  let here: TestPeer;
  let there: TestPeer;
  let alice: TestUser;
  let bob: TestUser;
  let roomId: string;
  let transactions = 0;

  before(async function () {
    federation = await startTestFederation(this, 2);
    [here, there] = federation.servers as [TestPeer, TestPeer];
    alice = await here.register('alice');
    bob = await there.register('bob');
    roomId = (await alice.ask('POST', '/v3/createRoom', { preset: 'public_chat' })).body.room_id;
    const joined = await join(bob);
    strictEqual(joined.status, 200, JSON.stringify(joined.body));
    await settle();
  });
  after(() => federation?.stop());

  const join = (user: TestUser) =>
    user.ask('POST', `/v3/join/${encodeURIComponent(roomId)}?via=${encodeURIComponent(here.serverName)}`, {});
  /** Lets everything arrive that is on its way. */
  const settle = async () => {
    for (let round = 0; round < 3; round++) {
      for (const { homeserver } of [here, there]) {
        await homeserver.services.outbox.drain();
        await homeserver.services.roomLanes.drain();
      }
    }
  };
  const say = async (user: TestUser, body: string): Promise<string> => {
    transactions += 1;
    const path = `/v3/rooms/${roomId}/send/m.room.message/${transactions}`;
    const answer = await user.ask('PUT', path, { msgtype: 'm.text', body });
    strictEqual(answer.status, 200, JSON.stringify(answer.body));
    return answer.body.event_id;
  };
  const filter = encodeURIComponent(JSON.stringify({ room: { timeline: { limit: 100 } } }));
  const sync = async (user: TestUser, since?: string) =>
    (await user.ask('GET', `/v3/sync?filter=${filter}${since === undefined ? '' : `&since=${since}`}`)).body;
  const room = async (user: TestUser, since?: string) => (await sync(user, since)).rooms?.join?.[roomId];
  const bodies = async (user: TestUser, since?: string): Promise<string[]> =>
    ((await room(user, since))?.timeline.events ?? [])
      .map(({ content }: { content: { body?: string } }) => content.body)
      .filter((body: string | undefined) => body !== undefined);
  const now = async (user: TestUser) => (await sync(user)).next_batch as string;
  const ephemeral = async (user: TestUser, since: string, type: string) =>
    (await room(user, since))?.ephemeral.events.find((event: { type: string }) => event.type === type)?.content;

  it('arrive in order, in both directions', async () => {
    const [ofAlice, ofBob] = [await now(alice), await now(bob)];
    const sent: string[] = [];
    for (let i = 0; i < 12; i++) {
      const body = `message ${i}`;
      await say(i % 3 === 0 ? bob : alice, body);
      await settle();
      sent.push(body);
    }
    deepStrictEqual(await bodies(bob, ofBob), sent);
    deepStrictEqual(await bodies(alice, ofAlice), sent);
  });

  it('arrive all of them when both sides write at once', async () => {
    const [ofAlice, ofBob] = [await now(alice), await now(bob)];
    const numbered = (name: string) => Array.from({ length: 15 }, (_, i) => `${name} ${i}`);
    await Promise.all([
      ...numbered('alice').map((body) => say(alice, body)),
      ...numbered('bob').map((body) => say(bob, body)),
    ]);
    await settle();
    const all = [...numbered('alice'), ...numbered('bob')].sort();
    deepStrictEqual((await bodies(bob, ofBob)).sort(), all);
    deepStrictEqual((await bodies(alice, ofAlice)).sort(), all);
  });

  it('can be redacted before they arrive', async () => {
    const unknown = encodeURIComponent(`$${'x'.repeat(43)}`);
    const answer = await bob.ask('PUT', `/v3/rooms/${roomId}/redact/${unknown}/early`, {});
    strictEqual(answer.status, 200, JSON.stringify(answer.body));
  });

  it('come with who types and who has read what', async () => {
    const eventId = await say(alice, 'read this');
    await settle();
    const since = await now(alice);
    await bob.ask('PUT', `/v3/rooms/${roomId}/typing/${bob.userId}`, { typing: true, timeout: 20_000 });
    await bob.ask('POST', `/v3/rooms/${roomId}/receipt/m.read/${encodeURIComponent(eventId)}`, { thread_id: 'main' });
    await bob.ask('POST', `/v3/rooms/${roomId}/receipt/m.read.private/${encodeURIComponent(eventId)}`, {});
    await settle();
    deepStrictEqual(await ephemeral(alice, since, 'm.typing'), { user_ids: [bob.userId] });
    deepStrictEqual(await ephemeral(alice, since, 'm.receipt'), {
      [eventId]: { 'm.read': { [bob.userId]: { ts: federation.clock.now(), thread_id: 'main' } } },
    });
    federation.clock.advance(20_000);
    await settle();
    deepStrictEqual(await ephemeral(alice, since, 'm.typing'), { user_ids: [] });
  });

  it('show who is about to servers that begin to share a room', async () => {
    const [carol, dave] = [await here.register('carol'), await there.register('dave')];
    for (const user of [carol, dave]) {
      const about = { presence: 'online', status_msg: `I am ${user.userId}` };
      await user.ask('PUT', `/v3/presence/${user.userId}/status`, about);
    }
    const seen = async (asker: TestUser, whose: TestUser) =>
      (await asker.ask('GET', `/v3/presence/${whose.userId}/status`)).body.status_msg;
    const own = (await carol.ask('POST', '/v3/createRoom', { preset: 'public_chat' })).body.room_id;
    const path = `/v3/join/${encodeURIComponent(own)}?via=${encodeURIComponent(here.serverName)}`;
    strictEqual((await dave.ask('POST', path, {})).status, 200);
    await settle();
    federation.clock.advance(1_000);
    await settle();
    strictEqual(await seen(carol, dave), `I am ${dave.userId}`);
    strictEqual(await seen(dave, carol), `I am ${carol.userId}`);
  });

  it('come with who is about', async () => {
    const since = await now(alice);
    await bob.ask('PUT', `/v3/presence/${bob.userId}/status`, { presence: 'unavailable', status_msg: 'away' });
    // The sync waits for it.
    const { presence } = (await alice.ask('GET', `/v3/sync?since=${since}&timeout=30000`)).body;
    const ofBob = presence.events.filter(({ sender }: { sender: string }) => sender === bob.userId);
    deepStrictEqual(
      ofBob.map(({ content }: { content: object }) => content),
      [{ presence: 'unavailable', status_msg: 'away', last_active_ago: 0, currently_active: false }],
    );
  });

  it('are passed on to the others of the room, once, when somebody joins or leaves by this server', async () => {
    const third = await federation.add();
    const carol = await third.register('carol');
    strictEqual((await join(carol)).status, 200);
    await settle();
    const known = (await there.homeserver.services.rooms.get(roomId))!;
    ok(known.isJoined(carol.userId));
    const { storage } = third.homeserver.services;
    const wanted = { server: there.serverName, after: 0, upTo: storage.head, limit: 10 };
    deepStrictEqual(await storage.read((tx) => tx.outbox.dueEvents(wanted)), []);
    await say(bob, 'welcome');
    await settle();
    deepStrictEqual((await bodies(carol)).at(-1), 'welcome');
    strictEqual((await carol.ask('POST', `/v3/rooms/${roomId}/leave`, {})).status, 200);
    await third.homeserver.services.outbox.drain();
    await settle();
    ok(!known.isJoined(carol.userId));
  });

  it('arrive after either side was started anew', async () => {
    const since = await now(bob);
    await here.homeserver.services.outbox.stop();
    await say(alice, 'before the restart');
    await here.restart();
    await settle();
    await there.restart();
    await say(alice, 'after it');
    await settle();
    deepStrictEqual(await bodies(bob, since), ['before the restart', 'after it']);
  });

  it('name who is removed to their server, and nothing afterwards', async () => {
    const ban = await alice.ask('POST', `/v3/rooms/${roomId}/ban`, { user_id: bob.userId });
    strictEqual(ban.status, 200);
    await say(alice, 'now that he is gone');
    await settle();
    const { rooms } = await sync(bob);
    ok(!rooms?.join?.[roomId]);
    const known = (await there.homeserver.services.rooms.get(roomId))!;
    strictEqual(known.membershipOf(bob.userId), 'ban');
    ok(known.recent.every(({ content }) => content['body'] !== 'now that he is gone'));
  });
});
