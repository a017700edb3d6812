import assert from 'node:assert/strict';
import type { DeviceListDelta } from '../../../src/services/encryption/device-lists.ts';
import { WriteSet } from '../../../src/storage/contract/write-set.ts';
import { startTestServices, type TestServices } from '../../support/test-services.ts';

const ALICE = '@alice:test.example';
const BOB = '@bob:test.example';
const CAROL = '@carol:test.example';
const ENCRYPTION = { type: 'm.room.encryption', state_key: '', content: { algorithm: 'm.megolm.v1.aes-sha2' } };

describe('DeviceLists', () => {
  let test: TestServices;

  beforeEach(async () => {
    test = await startTestServices({ limits: { device_list_unencrypted_members: 2 } });
  });
  afterEach(() => test.stop());

  const head = () => test.services.storage.head;
  const createRoom = (creator: string, encrypted = true) =>
    test.services.roomCreation.create(
      { userId: creator, isAdmin: false },
      { preset: 'public_chat', initial_state: encrypted ? [ENCRYPTION] : [] },
    );
  const join = (userId: string, roomId: string) => test.services.membership.join({ userId, isGuest: false }, roomId);
  const leave = (userId: string, roomId: string) => test.services.membership.leave(userId, roomId);
  const change = async (userId: string, seenBy?: string) => {
    const set = new WriteSet();
    test.services.deviceLists.recordChange(set, userId, { seenBy });
    await test.services.storage.commit(set);
  };
  const since = async (userId: string, position: number): Promise<DeviceListDelta> => {
    const { changed, left } = await test.services.deviceLists.changedSince(userId, position, head());
    return { changed: changed.toSorted(), left: left.toSorted() };
  };
  /** The same answer must come from memory and, after a restart, from storage. */
  const assertSince = async (userId: string, position: number, expected: DeviceListDelta) => {
    assert.deepEqual(await since(userId, position), expected);
    await test.restart();
    assert.deepEqual(await since(userId, position), expected, 'after a restart');
  };

  it('names users whose devices changed to those who share a room, and to themselves', async () => {
    const room = await createRoom(ALICE);
    await join(BOB, room);
    const start = head();
    await change(BOB);
    await change(CAROL);
    assert.deepEqual(await since(BOB, start), { changed: [BOB], left: [] });
    await assertSince(ALICE, start, { changed: [BOB], left: [] });
    assert.deepEqual(await since(ALICE, head()), { changed: [], left: [] });
  });

  it('names who joins a shared room, and to the newcomer everybody there', async () => {
    const room = await createRoom(ALICE);
    const start = head();
    await join(BOB, room);
    assert.deepEqual(await since(BOB, start), { changed: [ALICE, BOB], left: [] });
    await assertSince(ALICE, start, { changed: [BOB], left: [] });
  });

  it('does not name somebody for a new display name', async () => {
    const room = await createRoom(ALICE);
    await join(BOB, room);
    const start = head();
    await test.services.timeline.send(room, {
      type: 'm.room.member',
      stateKey: BOB,
      sender: BOB,
      content: { membership: 'join', displayname: 'Bobby' },
    });
    assert.deepEqual(await since(ALICE, start), { changed: [], left: [] });
    assert.deepEqual(await since(BOB, start), { changed: [], left: [] });
  });

  it('says that somebody left when the last shared room is gone', async () => {
    const rooms = [await createRoom(ALICE), await createRoom(ALICE)];
    for (const room of rooms) await join(BOB, room);
    let start = head();
    await leave(BOB, rooms[0]!);
    await assertSince(ALICE, start, { changed: [], left: [] });
    start = head();
    await leave(BOB, rooms[1]!);
    await assertSince(ALICE, start, { changed: [], left: [BOB] });
    await change(BOB);
    assert.deepEqual(await since(ALICE, start), { changed: [], left: [BOB] });
  });

  it('says whom one left behind by leaving oneself', async () => {
    const room = await createRoom(ALICE);
    const other = await createRoom(ALICE);
    for (const userId of [BOB, CAROL]) await join(userId, room);
    await join(CAROL, other);
    const start = head();
    await leave(ALICE, room);
    await assertSince(ALICE, start, { changed: [], left: [BOB] });
  });

  it('names everybody when a room becomes encrypted', async () => {
    const room = await createRoom(ALICE, false);
    for (const userId of [BOB, CAROL]) await join(userId, room);
    const start = head();
    await change(BOB);
    assert.deepEqual(await since(ALICE, start), { changed: [], left: [] });
    await test.services.timeline.send(room, {
      type: 'm.room.encryption',
      stateKey: '',
      sender: ALICE,
      content: { algorithm: 'm.megolm.v1.aes-sha2' },
    });
    await assertSince(ALICE, start, { changed: [ALICE, BOB, CAROL], left: [] });
  });

  it('counts small rooms without encryption, and no large ones', async () => {
    const small = await createRoom(ALICE, false);
    const start = head();
    await join(BOB, small);
    assert.deepEqual(await since(ALICE, start), { changed: [BOB], left: [] });
    await join(CAROL, small);
    await change(BOB);
    assert.deepEqual(await since(CAROL, start), { changed: [], left: [] });
  });

  it('names a change that one user alone sees to that user alone', async () => {
    const room = await createRoom(ALICE);
    for (const userId of [BOB, CAROL]) await join(userId, room);
    const start = head();
    await change(BOB, ALICE);
    assert.deepEqual(await since(ALICE, start), { changed: [BOB], left: [] });
    assert.deepEqual(await since(BOB, start), { changed: [], left: [] });
    await assertSince(CAROL, start, { changed: [], left: [] });
    assert.deepEqual(await since(ALICE, start), { changed: [BOB], left: [] });
  });

  it('knows who sees the changes of a user', async () => {
    const room = await createRoom(ALICE);
    await join(BOB, room);
    assert.deepEqual([...(await test.services.deviceLists.audienceOf(BOB))].toSorted(), [ALICE, BOB]);
    assert.deepEqual([...(await test.services.deviceLists.audienceOf(CAROL))], [CAROL]);
  });
});
