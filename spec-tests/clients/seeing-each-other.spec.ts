import { strict as assert } from 'node:assert';
import { EventType, ReceiptType, SetPresence } from 'matrix-js-sdk';
import { Cast } from './support/cast.ts';
import type { Device } from './support/device.ts';
import { type Homeserver, launchHomeserver } from './support/launch.ts';
import { openRoom, reads, roomOf, say } from './support/rooms.ts';

describe('people in a room', function () {
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
    room = await openRoom(alice, [bob], { encrypted: false });
  });

  after(async () => {
    cast?.stop();
    await homeserver?.remove();
  });

  it('see each other type, and stop', async () => {
    const typing = () => roomOf(bob, room).getMember(alice.userId)?.typing;
    await alice.client.sendTyping(room, true, 30_000);
    await bob.until('sees her type', () => typing());
    await alice.client.sendTyping(room, false, 0);
    await bob.until('sees her stop', () => !typing());
  });

  it('see how far the other has read', async () => {
    const message = await say(alice, room, 'read me');
    const received = await reads(bob, room, message);
    assert.ok(!roomOf(alice, room).hasUserReadEvent(bob.userId, message));
    await bob.client.sendReadReceipt(received);
    await alice.until('sees his receipt', () => {
      const event = roomOf(alice, room).findEventById(message);
      return event && roomOf(alice, room).getUsersReadUpTo(event).includes(bob.userId);
    });
  });

  it('do not see a private receipt, which the own devices do', async () => {
    const laptop = await cast.logInAgain(bob);
    const message = await say(alice, room, 'read me in secret');
    const received = await reads(bob, room, message);
    await bob.client.sendReadReceipt(received, ReceiptType.ReadPrivate);
    await laptop.until('sees the own receipt', () => roomOf(laptop, room).getEventReadUpTo(bob.userId) === message);
    const next = await say(bob, room, 'after it');
    await reads(alice, room, next);
    const receipts = roomOf(alice, room).getReceiptsForEvent(received);
    assert.deepEqual(
      receipts.filter(({ type }) => type === ReceiptType.ReadPrivate),
      [],
    );
  });

  it('carry the marker of what was read to the own devices', async () => {
    const laptop = await cast.logInAgain(alice);
    const message = await say(bob, room, 'the marker goes here');
    await reads(alice, room, message);
    await alice.client.setRoomReadMarkers(room, message);
    await laptop.until(
      'sees the marker',
      () => roomOf(laptop, room).getAccountData('m.fully_read')?.getContent()['event_id'] === message,
    );
  });

  it('see who is online, and what they say of themselves', async () => {
    const carol = await cast.register('carol');
    await openRoom(carol, [alice], { encrypted: false });
    const presence = () => alice.client.getUser(carol.userId);
    await alice.until('sees her online', () => presence()?.presence === 'online');
    // The device says so with each sync as well, or the next one would make her online again.
    await carol.client.setSyncPresence(SetPresence.Unavailable);
    await carol.client.setPresence({ presence: 'unavailable', status_msg: 'at lunch' });
    await alice.until('sees her away', () => presence()?.presence === 'unavailable');
    assert.equal(presence()?.presenceStatusMsg, 'at lunch');
    await carol.client.setSyncPresence(SetPresence.Online);
    await carol.client.setPresence({ presence: 'online', status_msg: 'back' });
    await alice.until('sees her back', () => presence()?.presenceStatusMsg === 'back');
  });

  it('find a tag and a direct chat again on every own device', async () => {
    const laptop = await cast.logInAgain(alice);
    await alice.client.setRoomTag(room, 'm.favourite', { order: 0.5 });
    await laptop.until('sees the tag', () => roomOf(laptop, room).tags['m.favourite']?.order === 0.5);
    await alice.client.setAccountData(EventType.Direct, { [bob.userId]: [room] });
    await laptop.until('sees the list', () => {
      const direct = laptop.client.getAccountData(EventType.Direct)?.getContent();
      return direct?.[bob.userId]?.includes(room);
    });
  });
});
