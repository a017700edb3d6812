import assert from 'node:assert/strict';
import { aclAllows, ServerAccess } from '../../../src/services/timeline/server-access.ts';
import { TestTimeline } from './support/test-timeline.ts';

const OTHER = 'other.example';
const THERE = '@there:other.example';

describe('ServerAccess', () => {
  let test: TestTimeline;
  let access: ServerAccess;
  let roomId: string;
  before(async () => {
    test = await TestTimeline.start();
    access = new ServerAccess(test.rooms, 'test.example');
  });
  beforeEach(async () => {
    roomId = (await test.room()).id;
  });
  after(() => test.stop());

  const refuses = (asked: Promise<unknown>, errcode: string) => assert.rejects(asked, { errcode });
  const join = () => test.setState(roomId, 'm.room.member', THERE, { membership: 'join' }, THERE);
  const deny = (server: string) =>
    test.setState(roomId, 'm.room.server_acl', '', { allow: ['*'], deny: [server], allow_ip_literals: true });

  it('lets a server read a room that a user of it is in, and no longer when the last one has left', async () => {
    await refuses(access.sharedRoom(OTHER, roomId), 'M_FORBIDDEN');
    await join();
    assert.equal((await access.sharedRoom(OTHER, roomId)).id, roomId);
    await test.setState(roomId, 'm.room.member', THERE, { membership: 'leave' }, THERE);
    await refuses(access.sharedRoom(OTHER, roomId), 'M_FORBIDDEN');
  });

  it('does not let a server read for being invited', async () => {
    await test.setState(roomId, 'm.room.member', THERE, { membership: 'invite' });
    await refuses(access.sharedRoom(OTHER, roomId), 'M_FORBIDDEN');
  });

  it('tells a reader the same of rooms it is not in and of rooms that there are not', async () => {
    const texts = await Promise.all(
      [roomId, '!nowhere:test.example'].map((id) =>
        access.sharedRoom(OTHER, id).then(
          () => 'let in',
          (error: Error) => error.message,
        ),
      ),
    );
    assert.equal(texts[0], texts[1]);
  });

  it('shuts out whom the server ACL of the room denies, be they in the room or not', async () => {
    await join();
    await deny('*.EXAMPLE');
    await refuses(access.sharedRoom(OTHER, roomId), 'M_FORBIDDEN');
    await refuses(access.residentRoom('third.example:8448', roomId), 'M_FORBIDDEN');
    assert.equal((await access.residentRoom('elsewhere.org', roomId)).id, roomId);
    assert.equal(aclAllows((await test.rooms.get(roomId))!, OTHER), false);
  });

  it('speaks for a room only while a user of this server is in it', async () => {
    await access.residentRoom(OTHER, roomId);
    await refuses(access.residentRoom(OTHER, '!nowhere:test.example'), 'M_NOT_FOUND');
    await join();
    for (const userId of (await test.rooms.get(roomId))!.joinedMembers()) {
      if (userId !== THERE) await test.setState(roomId, 'm.room.member', userId, { membership: 'leave' }, userId);
    }
    await refuses(access.residentRoom(OTHER, roomId), 'M_NOT_FOUND');
  });
});
