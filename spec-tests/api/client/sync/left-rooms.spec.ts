import assert from 'node:assert/strict';
import { startTestHomeserver, type TestHomeserver, type TestUser } from '../../../support/test-homeserver.ts';

interface Told {
  type: string;
  state_key?: string;
  content: { membership?: string; body?: string; name?: string };
}

describe('rooms that a user has left, in sync', () => {
  let server: TestHomeserver;
  let alice: TestUser;
  let bob: TestUser;
  let roomId: string;
  let since: string;

  before(async () => {
    server = await startTestHomeserver();
    alice = await server.register('alice');
  });
  after(() => server.stop());
  let people = 0;
  beforeEach(async () => {
    people += 1;
    bob = await server.register(`bob${people}`);
    roomId = (await alice.ask('POST', '/v3/createRoom', { preset: 'private_chat', name: 'before' })).body.room_id;
    since = (await bob.ask('GET', '/v3/sync')).body.next_batch;
  });

  /** The next sync's section of the room. */
  async function left(query = `since=${since}`) {
    const { body } = await bob.ask('GET', `/v3/sync?${query}`);
    since = body.next_batch;
    return body.rooms?.leave?.[roomId];
  }
  const memberships = (section: { timeline: { events: Told[] } }) =>
    section.timeline.events.flatMap((e) => (e.state_key === bob.userId ? [e.content.membership] : []));
  const change = (action: string) => alice.ask('POST', `/v3/rooms/${roomId}/${action}`, { user_id: bob.userId });
  const say = (body: string) => alice.ask('PUT', `/v3/rooms/${roomId}/send/m.room.message/${body}`, { body });
  const bodies = (section: { timeline: { events: Told[] } }) =>
    section.timeline.events.flatMap((e) => (e.type === 'm.room.message' ? [e.content.body] : []));

  it('tell that an invite was rejected, and nothing of the room', async () => {
    await change('invite');
    await left();
    await bob.ask('POST', `/v3/rooms/${roomId}/leave`, {});
    const section = await left();
    assert.deepEqual(memberships(section), ['leave']);
    assert.equal(section.timeline.events.length, 1);
    assert.deepEqual(section.state.events, []);
  });

  it('tell of an invite that was taken back, with who did', async () => {
    await change('invite');
    await left();
    await change('kick');
    const section = await left();
    assert.deepEqual(memberships(section), ['leave']);
    assert.equal(section.timeline.events[0].sender, alice.userId);
  });

  it('say in state_after how it ended, too, where clients take no state from the timeline', async () => {
    for (const action of ['kick', 'ban', 'unban']) {
      if (action === 'kick') await change('invite');
      await left(`since=${since}&use_state_after=true`);
      await change(action);
      const { timeline, state_after } = await left(`since=${since}&use_state_after=true`);
      assert.deepEqual(state_after.events, timeline.events);
      assert.equal(timeline.events.length, 1);
    }
  });

  it('tell what happened until a kick, and then of a ban and its end by themselves', async () => {
    await change('invite');
    await bob.ask('POST', `/v3/join/${roomId}`, {});
    await left();
    await say('seen');
    await change('kick');
    await say('unseen');
    const kicked = await left();
    assert.deepEqual(memberships(kicked), ['leave']);
    assert.deepEqual(bodies(kicked), ['seen']);
    for (const [action, membership] of [
      ['ban', 'ban'],
      ['unban', 'leave'],
    ] as const) {
      await change(action);
      const section = await left();
      assert.deepEqual(memberships(section), [membership]);
      assert.equal(section.timeline.events.length, 1);
      assert.deepEqual(section.state.events, []);
    }
  });

  it('are shown as they were when the user left, whatever happened since', async () => {
    await change('invite');
    await bob.ask('POST', `/v3/join/${roomId}`, {});
    await bob.ask('POST', `/v3/rooms/${roomId}/leave`, {});
    await alice.ask('PUT', `/v3/rooms/${roomId}/state/m.room.name`, { name: 'after' });
    await change('ban');
    for (const more of ['', '&use_state_after=true']) {
      const section = await left(`filter={"room":{"include_leave":true,"timeline":{"limit":3}}}${more}`);
      const state: Told[] = [...(section.state ?? section.state_after).events, ...section.timeline.events];
      const names = state.filter((e) => e.type === 'm.room.name').map((e) => e.content.name);
      assert.deepEqual(names, ['before']);
      assert.deepEqual(memberships(section), ['invite', 'join', 'leave', 'ban']);
    }
  });

  it('are gone once they are forgotten, but not before every device has been told', async () => {
    await change('invite');
    await bob.ask('POST', `/v3/rooms/${roomId}/leave`, {});
    await bob.ask('POST', `/v3/rooms/${roomId}/forget`, {});
    assert.deepEqual(memberships(await left()), ['leave']);
    assert.equal(await left(), undefined);
    assert.equal(await left('filter={"room":{"include_leave":true}}'), undefined);
  });

  it('have events that say what the user was in the room when they were sent, where that is known', async () => {
    await change('invite');
    await bob.ask('POST', `/v3/join/${roomId}`, {});
    const { body } = await bob.ask('GET', `/v3/sync?filter={"room":{"timeline":{"limit":3}}}&use_state_after=true`);
    const room = body.rooms.join[roomId];
    const told = (events: { type: string; unsigned: { membership?: string } }[], type: string) =>
      events.filter((e) => e.type === type).map((e) => e.unsigned.membership);
    assert.deepEqual(told(room.timeline.events, 'm.room.member'), ['invite', 'join']);
    assert.deepEqual(told(room.timeline.events, 'm.room.name'), ['leave']);
    assert.deepEqual(told(room.state_after.events, 'm.room.create'), [undefined]);
  });
});
