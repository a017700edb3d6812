import { strict as assert } from 'node:assert';
import { randomBytes } from 'node:crypto';
import { EventType, MsgType } from 'matrix-js-sdk';
import { downloadEncrypted, type EncryptedFile, uploadEncrypted } from '../../../clients/support/attachments.ts';
import type { Device } from '../../../clients/support/device.ts';
import { compareEmojis, nextVerificationRequest } from '../../../clients/support/emoji-verification.ts';
import { setUpCrossSigning } from '../../../clients/support/identity.ts';
import { allRead, knowsDevice, openRoom, reads, say } from '../../../clients/support/rooms.ts';
import { type Stage, told } from '../neighbours.ts';

/** https://spec.matrix.org/v1.19/server-server-api/#end-to-end-encryption, by clients that really encrypt. */
export function encryption(stage: Stage): void {
  describe('an encrypted conversation', () => {
    const alice = () => stage.neighbours().ours.person;
    const bob = () => stage.neighbours().theirs.person;
    let room: string;
    let tablet: Device;
    let laptop: Device;

    before(async () => {
      room = await openRoom(alice(), [bob()], { direct: true });
    });

    told(stage, 'is read by both sides and by no server', async () => {
      const greeting = await say(alice(), room, 'good morning, Bob');
      assert.equal((await reads(bob(), room, greeting)).getContent()['body'], 'good morning, Bob');
      const answer = await say(bob(), room, 'good morning, Alice');
      assert.equal((await reads(alice(), room, answer)).getContent()['body'], 'good morning, Alice');
      for (const device of [alice(), bob()]) {
        const asStored = await device.client.fetchRoomEvent(room, greeting);
        assert.equal(asStored.type, EventType.RoomMessageEncrypted);
      }
    });

    told(stage, 'reaches the devices that either has added', async () => {
      const { ours, theirs } = stage.neighbours();
      [tablet, laptop] = await Promise.all([ours.cast.logInAgain(alice()), theirs.cast.logInAgain(bob())]);
      await Promise.all([knowsDevice(alice(), laptop), knowsDevice(bob(), tablet)]);
      await Promise.all([knowsDevice(alice(), tablet), knowsDevice(bob(), laptop)]);
      for (const speaker of [alice(), bob()]) {
        const contents = await allRead([alice(), bob(), tablet, laptop], room, await say(speaker, room, 'for all'));
        assert.deepEqual(
          contents.map(({ body }) => body),
          Array(4).fill('for all'),
        );
      }
    });

    told(stage, 'carries a file that no server can read', async () => {
      const photograph = new Uint8Array(randomBytes(100_000));
      for (const [sender, receiver] of [
        [alice(), bob()],
        [bob(), alice()],
      ] as const) {
        const file = await uploadEncrypted(sender.client, photograph);
        const { event_id } = await sender.client.sendMessage(room, {
          msgtype: MsgType.File,
          body: 'photograph.jpg',
          file,
        });
        const received = (await reads(receiver, room, event_id)).getContent()['file'] as EncryptedFile;
        assert.deepEqual(Buffer.from(await downloadEncrypted(receiver.client, received)), Buffer.from(photograph));
      }
    });

    told(stage, 'is closed to a device that was logged out', async () => {
      await laptop.client.logout(true);
      laptop.stop();
      await alice().until('hears that it is gone', async () => {
        const devices = await alice().crypto.getUserDeviceInfo([bob().userId]);
        return devices.get(bob().userId)?.has(laptop.session.deviceId) === false;
      });
    });

    told(stage, 'shows the identities of people on the other server', async () => {
      await Promise.all([alice(), bob()].map((device) => setUpCrossSigning(device)));
      await alice().until('sees his identity', () => isSigned(alice(), bob()));
      await bob().until('sees hers', () => isSigned(bob(), alice()));
      assert.equal(await isVerified(alice(), bob()), false);
    });

    told(stage, 'lets two people verify each other by emojis', async () => {
      const asked = nextVerificationRequest(bob());
      const asking = await alice().crypto.requestVerificationDM(bob().userId, room);
      await compareEmojis(asking, await asked);
      await alice().until('trusts Bob', () => isVerified(alice(), bob()));
      await bob().until('trusts Alice', () => isVerified(bob(), alice()));
    });

    told(stage, 'tells when somebody of the other server has a new identity', async () => {
      await setUpCrossSigning(bob(), true);
      await alice().until('trusts him no more', async () => !(await isVerified(alice(), bob())));
      await reads(bob(), room, await say(alice(), room, 'is that you?'));
    });
  });
}

/** Whether a device sees another one as signed by its owner's identity. */
async function isSigned(device: Device, other: Device): Promise<boolean> {
  await device.crypto.userHasCrossSigningKeys(other.userId, true);
  const status = await device.crypto.getDeviceVerificationStatus(other.userId, other.session.deviceId);
  return status?.signedByOwner ?? false;
}

async function isVerified(device: Device, other: Device): Promise<boolean> {
  return (await device.crypto.getUserVerificationStatus(other.userId)).isVerified();
}
