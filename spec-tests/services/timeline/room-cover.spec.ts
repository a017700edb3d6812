import assert from 'node:assert/strict';
import { RoomCover } from '../../../src/services/timeline/resolution/room-cover.ts';
import type { Room } from '../../../src/services/timeline/room.ts';
import { WriteSet } from '../../../src/storage/contract/write-set.ts';
import { ALICE, BOB, TestTimeline } from './support/test-timeline.ts';

describe('The chain cover of a room', () => {
  let rig: TestTimeline;
  let room: Room;

  beforeEach(async () => {
    rig = await TestTimeline.start();
    room = await rig.room('10');
  });
  afterEach(() => rig.stop());

  const load = () => RoomCover.load((fn) => rig.storage.read(fn), room.nid);
  const nidOf = (type: string, stateKey = '') => room.get(type, stateKey)!.nid;
  const changeLevels = (n: number) =>
    rig.setState(room.id, 'm.room.power_levels', '', { ...room.get('m.room.power_levels', '')!.content, n });
  const store = async (cover: RoomCover) => {
    const grown = cover.takeGrown();
    assert.ok(grown);
    await rig.storage.commit(new WriteSet().add('auth_chain_covers.put', { room_nid: room.nid, ...grown }));
    return grown;
  };

  it('is made of the events that were there before there was one', async () => {
    const before = nidOf('m.room.power_levels');
    await changeLevels(1);
    const cover = await load();
    await cover.catchUp();
    const [create, levels] = [nidOf('m.room.create'), nidOf('m.room.power_levels')];
    for (const event of room.stateEvents()) assert.ok(cover.cover.has(event.nid));
    assert.deepEqual(cover.cover.authDifference([[levels], [before]]), [levels]);
    assert.ok(cover.cover.authDifference([[levels], [create]]).includes(nidOf('m.room.member', ALICE)));
  });

  it('is stored, goes on from what is stored, and is stored again when it has grown', async () => {
    const first = await load();
    await first.catchUp();
    const { events } = await store(first);
    assert.equal(events, first.cover.size);
    assert.equal(first.takeGrown(), undefined);
    await changeLevels(1);
    const second = await load();
    assert.equal(second.cover.size, events);
    await second.catchUp();
    assert.equal(second.cover.size, events + 1);
    assert.equal(second.takeGrown(), undefined);
    for (let n = 2; n < 9; n++) await changeLevels(n);
    const third = await load();
    await third.catchUp();
    await store(third);
    assert.equal((await load()).cover.size, events + 8);
  });

  it('takes in events that were passed over, with all that they name', async () => {
    const cover = await load();
    await cover.include([nidOf('m.room.member', BOB)]);
    assert.ok(cover.cover.has(nidOf('m.room.member', BOB)));
    assert.ok(cover.cover.has(nidOf('m.room.create')));
    await cover.catchUp();
    for (const event of room.stateEvents()) assert.ok(cover.cover.has(event.nid));
  });

  it('lends itself to events that are not stored, and forgets them', async () => {
    const cover = await load();
    await cover.catchUp();
    const levels = room.get('m.room.power_levels', '')!;
    const pdu = { ...levels.pdu, auth_events: [...levels.pdu.auth_events, levels.eventId] };
    const decided = { nid: 1_000_000, eventId: '$decided', json: JSON.stringify(pdu), rejected: false };
    const message = { ...decided, nid: 1_000_001, eventId: '$message', json: '{"auth_events":[]}' };
    const grown = await cover.with([message, decided]);
    assert.deepEqual(grown.authDifference([[1_000_000], [levels.nid]]), [1_000_000]);
    assert.ok(!cover.cover.has(1_000_000));
    assert.ok(!grown.has(1_000_001));
  });
});
