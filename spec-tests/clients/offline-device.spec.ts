import { strict as assert } from 'node:assert';
import { Cast } from './support/cast.ts';
import type { Device } from './support/device.ts';
import { type Homeserver, launchHomeserver } from './support/launch.ts';
import { allRead, knowsDevice, openRoom, reads, say } from './support/rooms.ts';

describe('a device that was offline', function () {
  this.timeout(60_000);
  let homeserver: Homeserver;
  let cast: Cast;
  let alice: Device;
  let bob: Device;
  let room: string;

  before(async () => {
    homeserver = await launchHomeserver();
    cast = new Cast(homeserver);
    [alice, bob] = await Promise.all([cast.register('alice'), cast.register('bob')]);
    room = await openRoom(alice, [bob], { direct: true });
  });

  after(async () => {
    cast?.stop();
    await homeserver?.remove();
  });

  for (const [interruption, interrupt] of [
    ['is restarted', () => homeserver.restart()],
    ['loses its power', () => homeserver.kill().then(() => homeserver.start())],
  ] as const) {
    it(`gets its room keys and reads everything that was said while the server ${interruption}`, async () => {
      const first = await say(alice, room, 'you are still here');
      await reads(bob, room, first);
      bob.goOffline();
      await alice.crypto.forceDiscardSession(room);
      const before = await say(alice, room, 'said before it');
      await interrupt();
      await alice.reconnect();
      await alice.crypto.forceDiscardSession(room);
      const after = await say(alice, room, 'said after it');

      await bob.goOnline();
      assert.equal((await reads(bob, room, before)).getContent()['body'], 'said before it');
      assert.equal((await reads(bob, room, after)).getContent()['body'], 'said after it');
      const answer = await say(bob, room, 'I have read it all');
      assert.equal((await reads(alice, room, answer)).getContent()['body'], 'I have read it all');
    });
  }

  it('hears of the devices that others have added meanwhile', async () => {
    bob.goOffline();
    const tablet = await cast.logInAgain(alice);
    await homeserver.restart();
    await Promise.all([alice.reconnect(), tablet.reconnect(), bob.goOnline()]);
    await knowsDevice(bob, tablet);
    const toAll = await say(bob, room, 'for the new tablet as well');
    await allRead([alice, tablet, bob], room, toAll);
  });

  it('fills a gap in the timeline when it was away for long', async () => {
    bob.goOffline();
    const said: string[] = [];
    for (let n = 0; n < 40; n++) said.push(await say(alice, room, `number ${n}`));
    await bob.goOnline();
    await reads(bob, room, said.at(-1) ?? '');
    const timeline = () => bob.client.getRoom(room)?.getLiveTimeline();
    for (
      let page = 0;
      page < 5 &&
      !timeline()
        ?.getEvents()
        .some((event) => event.getId() === said[0]);
      page++
    ) {
      const here = timeline();
      assert.ok(here !== undefined && (await bob.client.paginateEventTimeline(here, { backwards: true, limit: 20 })));
    }
    const ids = timeline()
      ?.getEvents()
      .map((event) => event.getId() ?? '');
    assert.deepEqual(
      ids?.filter((id) => said.includes(id)),
      said,
    );
    assert.equal((await reads(bob, room, said[0] ?? '')).getContent()['body'], 'number 0');
  });
});
