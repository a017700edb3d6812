import { strictEqual } from 'node:assert/strict';
import { RoomSummaries } from '../../../src/services/directory/room-summaries.ts';
import { startTestHomeserver, type TestHomeserver } from '../../support/test-homeserver.ts';

describe('Summaries of rooms', () => {
  let server: TestHomeserver;
  before(async () => {
    server = await startTestHomeserver();
  });
  after(() => server.stop());

  it('are made anew when state is resolved to be another, without an event that says so', async () => {
    const alice = await server.register('alice');
    const roomId = (await alice.ask('POST', '/v3/createRoom', { name: 'before' })).body.room_id;
    const { rooms, events, notices, storage } = server.homeserver.services;
    const summaries = new RoomSummaries({ storage, rooms, events, notices }, { summaries: 10 });
    const room = (await rooms.get(roomId))!;
    strictEqual(summaries.of(room).name, 'before');
    const before = room.get('m.room.name', '')!;
    const keyNid = room.keyNid('m.room.name', '')!;
    room.removeState('m.room.name', '');
    const key = { type: 'm.room.name', stateKey: '' };
    notices.publish('currentState', { roomId, roomNid: room.nid, ...key, before, after: undefined, position: 1 });
    strictEqual(summaries.of(room).name, undefined);
    room.putState(before, keyNid);
  });
});
