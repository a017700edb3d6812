import { strict as assert } from 'node:assert';
import { Method } from 'matrix-js-sdk';
import { Cast } from './support/cast.ts';
import type { Device } from './support/device.ts';
import { setUpCrossSigning } from './support/identity.ts';
import { withoutJitter } from './support/jitter.ts';
import { type Homeserver, launchHomeserver } from './support/launch.ts';
import { RecoveryKey } from './support/recovery.ts';
import { openRoom, reads, roomOf, say } from './support/rooms.ts';

describe('key backup', function () {
  this.timeout(60_000);
  withoutJitter();
  let homeserver: Homeserver;
  let cast: Cast;
  let alice: Device;
  let bob: Device;
  let room: string;
  const recovery = new RecoveryKey();
  const said: string[] = [];

  before(async () => {
    homeserver = await launchHomeserver();
    cast = new Cast(homeserver);
    [alice, bob] = await Promise.all([cast.register('alice', recovery.atHand), cast.register('bob')]);
    room = await openRoom(alice, [bob], { direct: true });
    for (const text of ['one', 'two', 'three']) {
      said.push(await say(bob, room, text), await say(alice, room, `${text}, says Alice`));
      await bob.crypto.forceDiscardSession(room);
    }
    await Promise.all(said.map((eventId) => reads(alice, room, eventId)));
  });

  after(async () => {
    cast?.stop();
    await homeserver?.remove();
  });

  it('is set up with secret storage, and takes every key that a device has', async () => {
    await setUpCrossSigning(alice);
    await alice.crypto.bootstrapSecretStorage({
      setupNewKeyBackup: true,
      createSecretStorageKey: async () => {
        const made = await alice.crypto.createRecoveryKeyFromPassphrase('what Alice remembers');
        recovery.keep(made.privateKey);
        return made;
      },
    });
    assert.ok(await alice.crypto.isSecretStorageReady());
    const keys = (await alice.crypto.exportRoomKeys()).length;
    assert.ok(keys >= 4, `${keys} keys`);
    await alice.until('has backed up all keys', async () => (await backup(alice)).count === keys);
    assert.equal(await alice.crypto.getActiveSessionBackupVersion(), (await backup(alice)).version);
  });

  it('gives a third device the whole history, after all others are gone', async () => {
    const second = await cast.logInAgain(alice);
    second.stop();
    alice.stop();
    const third = await cast.logInAgain(alice, recovery.atHand);
    await third.until('has the identity', () => third.crypto.userHasCrossSigningKeys(alice.userId, true));
    // The secrets of the identity come out of secret storage, and sign this device.
    await setUpCrossSigning(third);
    assert.ok(await third.crypto.isCrossSigningReady());
    await third.crypto.loadSessionBackupPrivateKeyFromSecretStorage();
    const { total, imported } = await third.crypto.restoreKeyBackup();
    assert.equal(imported, total);
    const timeline = roomOf(third, room).getLiveTimeline();
    await third.client.paginateEventTimeline(timeline, { backwards: true, limit: 100 });
    const bodies = await Promise.all(said.map(async (id) => (await reads(third, room, id)).getContent()['body']));
    assert.deepEqual(bodies, ['one', 'one, says Alice', 'two', 'two, says Alice', 'three', 'three, says Alice']);
    alice = third;
  });

  it('goes on with the keys that come later', async () => {
    const before = await backup(alice);
    await bob.crypto.forceDiscardSession(room);
    await reads(alice, room, await say(bob, room, 'after the restore'));
    const after = await alice.until('has backed up one more', async () => {
      const now = await backup(alice);
      return now.count > before.count ? now : undefined;
    });
    assert.equal(after.version, before.version);
    assert.notEqual(after.etag, before.etag);
  });
});

/** What the server says of the current backup, which the client would remember. */
function backup(device: Device): Promise<{ count: number; etag: string; version: string }> {
  return device.client.http.authedRequest(Method.Get, '/room_keys/version');
}
