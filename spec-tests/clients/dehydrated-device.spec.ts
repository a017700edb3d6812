import { strict as assert } from 'node:assert';
import { Cast } from './support/cast.ts';
import type { Device } from './support/device.ts';
import { setUpCrossSigning } from './support/identity.ts';
import { type Homeserver, launchHomeserver } from './support/launch.ts';
import { RecoveryKey } from './support/recovery.ts';
import { openRoom, reads, roomOf, say } from './support/rooms.ts';

describe('a dehydrated device', function () {
  this.timeout(60_000);
  let homeserver: Homeserver;
  let cast: Cast;
  let alice: Device;
  let bob: Device;
  const recovery = new RecoveryKey();

  before(async () => {
    homeserver = await launchHomeserver();
    cast = new Cast(homeserver);
    [alice, bob] = await Promise.all([cast.register('alice'), cast.register('bob', recovery.atHand)]);
  });

  after(async () => {
    cast?.stop();
    await homeserver?.remove();
  });

  it('receives the keys of what is said while its user is logged in nowhere', async () => {
    const room = await openRoom(alice, [bob], { direct: true });
    await setUpCrossSigning(bob);
    await bob.crypto.bootstrapSecretStorage({
      createSecretStorageKey: async () => {
        const made = await bob.crypto.createRecoveryKeyFromPassphrase('what Bob remembers');
        recovery.keep(made.privateKey);
        return made;
      },
    });
    assert.ok(await bob.crypto.isDehydrationSupported());
    await bob.crypto.startDehydration();
    await alice.until('hears of the device', async () => {
      const devices = (await alice.crypto.getUserDeviceInfo([bob.userId])).get(bob.userId);
      return [...(devices?.values() ?? [])].some(({ dehydrated }) => dehydrated);
    });
    await bob.client.logout(true);
    bob.stop();
    const said = await say(alice, room, 'while you were away');

    const back = await cast.logInAgain(bob, recovery.atHand);
    await back.until('has his identity', () => back.crypto.userHasCrossSigningKeys(bob.userId, true));
    await setUpCrossSigning(back);
    await back.crypto.startDehydration();
    const timeline = roomOf(back, room).getLiveTimeline();
    await back.client.paginateEventTimeline(timeline, { backwards: true, limit: 20 });
    const event = await reads(back, room, said);
    assert.equal(event.getContent()['body'], 'while you were away');
  });
});
