import { strict as assert } from 'node:assert';
import type { MatrixClient } from 'matrix-js-sdk';
import { Cast } from './support/cast.ts';
import type { Device } from './support/device.ts';
import { type Homeserver, launchHomeserver } from './support/launch.ts';
import { roomOf } from './support/rooms.ts';

const PEOPLE = 12;

describe('a room list with lazy loading of members', function () {
  this.timeout(60_000);
  let homeserver: Homeserver;
  let cast: Cast;
  let alice: Device;
  let crowd: MatrixClient[];
  let named: string;
  let nameless: string;

  before(async () => {
    homeserver = await launchHomeserver();
    cast = new Cast(homeserver);
    alice = await cast.register('alice');
    crowd = await Promise.all(Array.from({ length: PEOPLE }, (_, n) => cast.bystander(`person${n}`)));
    [named, nameless] = await Promise.all([gather({ name: 'The crowd' }), gather({})]);
    const [speaker] = crowd;
    for (let n = 0; n < 25; n++) await speaker?.sendTextMessage(named, `number ${n}`);
  });

  after(async () => {
    cast?.stop();
    await homeserver?.remove();
  });

  async function gather(options: { name?: string }): Promise<string> {
    const invite = crowd.map((client) => client.getSafeUserId());
    const { room_id: room } = await alice.client.createRoom({ ...options, invite });
    await Promise.all(crowd.map((client) => client.joinRoom(room)));
    return room;
  }

  it('shows every room with its name and number of members, and knows only those who spoke', async () => {
    const laptop = await cast.logInAgain(alice);
    const room = roomOf(laptop, named);
    assert.equal(room.name, 'The crowd');
    assert.equal(room.getJoinedMemberCount(), PEOPLE + 1);
    const known = room.currentState.getMembers().map((member) => member.userId);
    assert.ok(known.includes(alice.userId) && known.includes('@person0:localhost'), known.join());
    assert.ok(known.length <= 3, `${known.length} members were sent`);
    assert.equal(room.getLiveTimeline().getEvents().length, 20);
  });

  it('names a room without a name after its heroes', async () => {
    const laptop = await cast.logInAgain(alice);
    assert.match(roomOf(laptop, nameless).name, /^person\d+ and 11 others$/);
  });

  it('has all members when they are asked for', async () => {
    const laptop = await cast.logInAgain(alice);
    await roomOf(laptop, named).loadMembersIfNeeded();
    assert.equal(roomOf(laptop, named).getJoinedMembers().length, PEOPLE + 1);
  });

  it('meets the sender of a message that comes later', async () => {
    const laptop = await cast.logInAgain(alice);
    assert.equal(roomOf(laptop, named).getMember('@person7:localhost'), null);
    await crowd[7]?.sendTextMessage(named, 'here I am');
    await laptop.until(
      'knows the sender',
      () => roomOf(laptop, named).getMember('@person7:localhost')?.name === 'person7',
    );
  });

  it('shows all members at once without it', async () => {
    const old = await cast.logInAgain(alice, { lazyLoadMembers: false });
    assert.equal(roomOf(old, named).currentState.getMembers().length, PEOPLE + 1);
  });
});
