import { strict as assert } from 'node:assert';
import { MsgType, NotificationCountType } from 'matrix-js-sdk';
import { Cast } from './support/cast.ts';
import type { Device } from './support/device.ts';
import { type Homeserver, launchHomeserver } from './support/launch.ts';
import { openRoom, reads, roomOf, say } from './support/rooms.ts';

describe('unread counts', function () {
  this.timeout(60_000);
  let homeserver: Homeserver;
  let cast: Cast;
  let alice: Device;
  let bob: Device;
  let laptop: Device;

  before(async () => {
    homeserver = await launchHomeserver();
    cast = new Cast(homeserver);
    [alice, bob] = await Promise.all([cast.register('alice'), cast.register('bob')]);
    laptop = await cast.logInAgain(bob);
  });

  after(async () => {
    cast?.stop();
    await homeserver?.remove();
  });

  it('go up with messages and mentions, and clear on every device when one has read', async () => {
    const room = await openRoom(alice, [bob], { encrypted: false });
    const last = await mention(alice, room, bob).then(() => say(alice, room, 'and one more'));
    await Promise.all([bob, laptop].map((device) => counts(device, room, { total: 2, highlight: 1 })));
    await bob.client.sendReadReceipt(await reads(bob, room, last));
    await Promise.all([bob, laptop].map((device) => counts(device, room, { total: 0, highlight: 0 })));
  });

  it('leave out what one says oneself', async () => {
    const room = await openRoom(alice, [bob], { encrypted: false });
    await say(alice, room, 'one');
    await say(alice, room, 'two');
    await counts(bob, room, { total: 2, highlight: 0 });
    const answer = await say(bob, room, 'I have seen both');
    await counts(alice, room, { total: 1, highlight: 0 });
    await counts(laptop, room, { total: 2, highlight: 0 });
    await bob.client.sendReadReceipt(await reads(bob, room, answer));
    await Promise.all([bob, laptop].map((device) => counts(device, room, { total: 0, highlight: 0 })));
  });

  it('count an encrypted message, of which the server knows nothing but that it is one', async () => {
    const room = await openRoom(alice, [bob], { direct: true });
    const secret = await say(alice, room, 'in secret');
    await reads(bob, room, secret);
    await counts(bob, room, { total: 1, highlight: 0 });
    await bob.client.sendReadReceipt(await reads(bob, room, secret));
    await counts(bob, room, { total: 0, highlight: 0 });
  });

  it('are kept for each thread', async () => {
    const room = await openRoom(alice, [bob], { encrypted: false });
    const root = await say(bob, room, 'a topic');
    await reads(alice, room, root);
    const thought = { msgtype: MsgType.Text, body: 'a thought' } as const;
    const { event_id: reply } = await alice.client.sendMessage(room, root, thought);
    const seesInThread = (device: Device, count: number) => {
      const seen = () => roomOf(device, room).getThreadUnreadNotificationCount(root, NotificationCountType.Total);
      return device.until(`sees ${count} in the thread`, () => seen() === count);
    };
    await Promise.all([bob, laptop].map((device) => seesInThread(device, 1)));
    assert.equal(roomOf(bob, room).getRoomUnreadNotificationCount(NotificationCountType.Total), 0);
    await bob.client.sendReadReceipt(await reads(bob, room, reply));
    await seesInThread(laptop, 0);
  });

  it('are the same after a restart of the server', async () => {
    const room = await openRoom(alice, [bob], { encrypted: false });
    await mention(alice, room, bob);
    await counts(bob, room, { total: 1, highlight: 1 });
    await homeserver.restart();
    await Promise.all([alice, bob, laptop].map((device) => device.reconnect()));
    const phone = await cast.logInAgain(bob);
    await counts(phone, room, { total: 1, highlight: 1 });
  });

  it('stay at nought in a room that is muted', async () => {
    const room = await openRoom(alice, [bob], { encrypted: false });
    await bob.client.setRoomMutePushRule('global', room, true);
    const quiet = await say(alice, room, 'you do not hear this');
    await reads(laptop, room, quiet);
    await counts(laptop, room, { total: 0, highlight: 0 });
  });
});

async function mention(sender: Device, room: string, mentioned: Device): Promise<void> {
  await sender.client.sendMessage(room, {
    msgtype: MsgType.Text,
    body: `${mentioned.userId}: look`,
    'm.mentions': { user_ids: [mentioned.userId] },
  });
}

/** Waits until a device shows these counts for a room. */
async function counts(device: Device, room: string, expected: { total: number; highlight: number }): Promise<void> {
  const seen = () => ({
    total: device.client.getRoom(room)?.getUnreadNotificationCount(NotificationCountType.Total),
    highlight: device.client.getRoom(room)?.getUnreadNotificationCount(NotificationCountType.Highlight),
  });
  await device.until(
    `counts ${JSON.stringify(expected)}`,
    () => seen().total === expected.total && seen().highlight === expected.highlight,
    () => JSON.stringify(seen()),
  );
}
