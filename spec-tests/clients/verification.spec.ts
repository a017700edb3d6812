import { strict as assert } from 'node:assert';
import { CrossSigningKey } from 'matrix-js-sdk/lib/crypto-api/index.js';
import { Cast } from './support/cast.ts';
import type { Device } from './support/device.ts';
import { compareEmojis, nextVerificationRequest } from './support/emoji-verification.ts';
import { setUpCrossSigning } from './support/identity.ts';
import { type Homeserver, launchHomeserver } from './support/launch.ts';
import { knowsDevice, openRoom, reads, say } from './support/rooms.ts';

describe('cross-signing', function () {
  this.timeout(60_000);
  let homeserver: Homeserver;
  let cast: Cast;
  let alice: Device;
  let tablet: Device;
  let bob: Device;

  before(async () => {
    homeserver = await launchHomeserver();
    cast = new Cast(homeserver);
    [alice, bob] = await Promise.all([cast.register('alice'), cast.register('bob')]);
  });

  after(async () => {
    cast?.stop();
    await homeserver?.remove();
  });

  it('is set up without a password for the first time', async () => {
    assert.equal(await setUpCrossSigning(alice), 0);
    assert.equal(await setUpCrossSigning(bob), 0);
    assert.ok(await alice.crypto.isCrossSigningReady());
    assert.ok(await isSigned(alice, alice));
  });

  it('is trusted by a new device after both have shown the same emojis', async () => {
    tablet = await cast.logInAgain(alice);
    await knowsDevice(alice, tablet);
    assert.equal(await isSigned(alice, tablet), false);
    await tablet.until('has her identity', () => tablet.crypto.userHasCrossSigningKeys(alice.userId, true));
    const asked = nextVerificationRequest(alice);
    const asking = await tablet.crypto.requestOwnUserVerification();
    await compareEmojis(asking, await asked);
    await alice.until('trusts the tablet', () => isSigned(alice, tablet));
    await tablet.until('trusts itself', () => isSigned(tablet, tablet));
  });

  it('gives the new device the secrets, over to-device messages', async () => {
    await tablet.until('has the secrets', () => tablet.crypto.isCrossSigningReady());
    const { privateKeysCachedLocally } = await tablet.crypto.getCrossSigningStatus();
    assert.deepEqual(privateKeysCachedLocally, { masterKey: true, selfSigningKey: true, userSigningKey: true });
  });

  it('lets two people verify each other in a room, for all their devices', async () => {
    const room = await openRoom(alice, [bob], { direct: true });
    await reads(bob, room, await say(alice, room, 'let us compare emojis'));
    const asked = nextVerificationRequest(bob);
    const asking = await alice.crypto.requestVerificationDM(bob.userId, room);
    await compareEmojis(asking, await asked);
    await alice.until('trusts Bob', () => isVerified(alice, bob));
    await bob.until('trusts Alice', () => isVerified(bob, alice));
    await bob.until('trusts her tablet', () => isSigned(bob, tablet));
    await tablet.until('trusts Bob as well', () => isVerified(tablet, bob));
  });

  it('asks for the password before it is replaced, and takes the trust away', async () => {
    const before = await alice.crypto.getCrossSigningKeyId(CrossSigningKey.Master);
    assert.equal(await setUpCrossSigning(alice, true), 1);
    assert.notEqual(await alice.crypto.getCrossSigningKeyId(CrossSigningKey.Master), before);
    await bob.until('trusts her no more', async () => !(await isVerified(bob, alice)));
  });
});

/** Whether a device sees another one as signed by its owner's identity. */
async function isSigned(device: Device, other: Device): Promise<boolean> {
  const status = await device.crypto.getDeviceVerificationStatus(other.userId, other.session.deviceId);
  return status?.signedByOwner ?? false;
}

async function isVerified(device: Device, other: Device): Promise<boolean> {
  return (await device.crypto.getUserVerificationStatus(other.userId)).isVerified();
}
