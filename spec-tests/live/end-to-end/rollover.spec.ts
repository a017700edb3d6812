import assert from 'node:assert/strict';
import type { JsonObject } from '../../../src/protocol/json.ts';
import type { TestUser } from '../../support/test-homeserver.ts';
import { KAI, type LiveHomeserver, type LiveViewer, startLiveHomeserver } from './live-homeserver.ts';

describe('a channel whose room has grown too large', function () {
  this.timeout(20_000);
  let live: LiveHomeserver;
  let users: TestUser[];
  let anonymous: LiveViewer;
  let said: string[];

  beforeEach(async () => {
    live = await startLiveHomeserver({ live: { rollover_members: 3, idle_time: '1h' } });
    users = [await live.server.register('zed'), await live.server.register('amy')];
    anonymous = await live.watch();
    said = [];
    for (const user of users) {
      const viewer = await live.watch(user);
      said.push(String((await viewer.say('hello'))['id']));
      live.server.clock.advance(1500);
    }
    await anonymous.until(({ messages }) => said.every((id) => messages.includes(id)));
  });
  afterEach(() => live.stop());

  /** Waits for the channel to move on by itself; answers its new room. */
  const moved = async (): Promise<string> => {
    const isNew = ({ op, room }: JsonObject) => op === 'joined' && room !== live.roomId;
    await live.pass(60_000);
    await anonymous.until(({ frames }) => frames.some(isNew));
    return String(anonymous.frames.find(isNew)?.['room']);
  };
  const snapshot = () => anonymous.frames.filter(({ op }) => op === 'snap').at(-1)!;
  const ids = (frame: JsonObject) => (frame['ev'] as JsonObject[]).map(({ id }) => id);

  it('goes on in another, where viewers see what was said last and what is said next', async () => {
    const room = await moved();
    await anonymous.until(({ frames }) => frames.filter(({ op }) => op === 'snap').length === 2);
    assert.deepEqual(ids(snapshot()), said);
    assert.equal(anonymous.closeCode, undefined);
    const { event_id } = (await users[0]!.ask('POST', `${KAI}/messages`, { txn: 'new', body: 'in the new room' })).body;
    await anonymous.until(({ messages }) => messages.includes(event_id.slice(0, 11)));
    const members = (await live.kai.ask('GET', `/v3/rooms/${room}/joined_members`)).body.joined;
    assert.ok(members[users[0]!.userId] && !members[users[1]!.userId], 'who chats joins, and nobody else');
    assert.equal((await live.server.ask('GET', KAI)).body.room_id, room);
  });

  it('takes its alias along, and leaves a room in which nobody chats any more', async () => {
    const room = await moved();
    const alias = encodeURIComponent('#kai:test.example');
    assert.equal((await live.server.ask('GET', `/v3/directory/room/${alias}`)).body.room_id, room);
    const path = `/v3/rooms/${live.roomId}/send/m.room.message/late`;
    const late = await users[0]!.ask('PUT', path, { msgtype: 'm.text', body: 'anybody here?' });
    assert.deepEqual([late.status, late.body.errcode], [403, 'M_FORBIDDEN']);
    await live.pass(120_000);
    assert.equal((await live.server.ask('GET', KAI)).body.room_id, room, 'the new room is small');
  });

  it('still takes out what was said before', async () => {
    await moved();
    const deleted = await live.kai.ask('DELETE', `${KAI}/messages/${encodeURIComponent(said[0]!)}`);
    assert.equal(deleted.status, 200, JSON.stringify(deleted.body));
    await anonymous.until((viewer) => viewer.entries('d').some(({ id }) => id === said[0]));
    live.server.clock.advance(1500);
    assert.deepEqual(ids((await live.server.ask('GET', `${KAI}/snapshot`)).body), [said[1]]);
  });

  it('ends the polls that began before', async () => {
    const poll = { question: 'Next?', answers: ['A', 'B'], seconds: 600 };
    const { poll_id } = (await live.kai.ask('POST', `${KAI}/polls`, poll)).body;
    await moved();
    await live.kai.ask('PUT', `${KAI}/polls/${encodeURIComponent(poll_id)}/vote`, { answer: 1 });
    assert.equal((await live.kai.ask('POST', `${KAI}/polls/${encodeURIComponent(poll_id)}/end`)).status, 200);
    const { poll: ended, counts } = await anonymous.entry('pe');
    assert.deepEqual([ended, counts], [poll_id, [0, 1]]);
  });
});
