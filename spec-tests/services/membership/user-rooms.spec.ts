import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { UserRooms } from '../../../src/services/membership/user-rooms.ts';
import { WriteSet } from '../../../src/storage/contract/write-set.ts';
import { ALICE, BOB, CAROL, TestTimeline } from '../timeline/support/test-timeline.ts';

describe('UserRooms', () => {
  let rig: TestTimeline;
  let userRooms: UserRooms;
  let roomId: string;
  let nid: number;

  beforeEach(async () => {
    rig = await TestTimeline.start();
    userRooms = new UserRooms(rig.storage, rig.notices, { users: 100 });
    ({ id: roomId, nid } = await rig.room());
  });

  afterEach(() => rig.stop());

  const membership = (user: string, to: string, sender = user) =>
    rig.setState(roomId, 'm.room.member', user, { membership: to }, sender);
  const forget = async (user: string, rooms = userRooms) => {
    await rig.storage.commit(
      new WriteSet()
        .add('memberships.forget', { user_id: user, room_nid: nid, forgotten: 1 })
        .onCommitted(() => rooms.forgot(user, roomId)),
    );
  };
  const of = async (user: string, rooms = userRooms) => {
    const room = (await rooms.of(user)).get(roomId);
    return room && { ...room, strippedState: room.strippedState !== undefined };
  };

  it('knows what storage knows, before and after changes', async () => {
    const fresh = () => new UserRooms(rig.storage, rig.notices, { users: 100 });
    const check = async () => deepStrictEqual(await of(CAROL), await of(CAROL, fresh()));
    strictEqual(await of(CAROL), undefined);
    await membership(CAROL, 'invite', ALICE);
    strictEqual((await of(CAROL))?.membership, 'invite');
    strictEqual((await of(CAROL))?.strippedState, true);
    await check();
    await membership(CAROL, 'join');
    await check();
    await membership(CAROL, 'leave');
    await forget(CAROL);
    strictEqual((await of(CAROL))?.forgotten, true);
    await check();
    await membership(CAROL, 'join');
    strictEqual((await of(CAROL))?.forgotten, false);
    await check();
  });

  it('keeps the position of a join through a change of name', async () => {
    const before = (await of(BOB))?.position;
    await rig.setState(roomId, 'm.room.member', BOB, { membership: 'join', displayname: 'Robert' }, BOB);
    strictEqual((await of(BOB))?.position, before);
    strictEqual((await of(BOB, new UserRooms(rig.storage, rig.notices, { users: 1 })))?.position, before);
  });

  /** Storage whose reads end when they are let. */
  const slowStorage = () => {
    let answer: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      answer = resolve;
    });
    const storage: typeof rig.storage = Object.create(rig.storage, {
      read: {
        async value(fn: Parameters<typeof rig.storage.read>[0]) {
          const rows = await rig.storage.read(fn);
          await held;
          return rows;
        },
      },
    });
    return { storage, answer: () => answer() };
  };

  it('misses nothing that is committed while a user is being read', async () => {
    await membership(BOB, 'leave');
    const slow = slowStorage();
    const rooms = new UserRooms(slow.storage, rig.notices, { users: 100 });
    const reading = rooms.of(BOB);
    // What is read is from before these.
    await rig.storage.read((tx) => tx.rooms.membershipsOf(BOB));
    await membership(BOB, 'join');
    await membership(BOB, 'leave');
    await forget(BOB, rooms);
    slow.answer();
    const room = (await reading).get(roomId)!;
    deepStrictEqual([room.membership, room.forgotten], ['leave', true]);
    strictEqual(await rooms.of(BOB), await rooms.of(BOB));
  });

  it('keeps nothing of users of other servers that was changed while they were being read', async () => {
    const slow = slowStorage();
    const rooms = new UserRooms(slow.storage, rig.notices, { users: 100 }, () => false);
    const reading = rooms.of(BOB);
    await rig.storage.read((tx) => tx.rooms.membershipsOf(BOB));
    await membership(BOB, 'leave');
    slow.answer();
    await reading;
    strictEqual((await of(BOB, rooms))?.membership, 'leave');
    strictEqual(await rooms.of(BOB), await rooms.of(BOB));
  });
});
