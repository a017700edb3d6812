import { strict as assert } from 'node:assert';
import { randomBytes } from 'node:crypto';
import { EventType, MsgType, RelationType } from 'matrix-js-sdk';
import { downloadEncrypted, type EncryptedFile, uploadEncrypted } from './support/attachments.ts';
import { Cast } from './support/cast.ts';
import type { Device } from './support/device.ts';
import { type Homeserver, launchHomeserver } from './support/launch.ts';
import { allRead, knowsDevice, openRoom, reads, roomOf, say } from './support/rooms.ts';

describe('an encrypted conversation', function () {
  this.timeout(60_000);
  let homeserver: Homeserver;
  let cast: Cast;
  let alice: Device;
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

  describe('between two people', () => {
    let room: string;

    before(async () => {
      room = await openRoom(alice, [bob], { direct: true });
    });

    it('is read by both sides and by nobody in between', async () => {
      const greeting = await say(alice, room, 'good morning, Bob');
      const answer = await say(bob, room, 'good morning, Alice');
      assert.equal((await reads(bob, room, greeting)).getContent()['body'], 'good morning, Bob');
      assert.equal((await reads(alice, room, answer)).getContent()['body'], 'good morning, Alice');
      const asStored = await alice.client.fetchRoomEvent(room, greeting);
      assert.equal(asStored.type, EventType.RoomMessageEncrypted);
      assert.ok(!JSON.stringify(asStored).includes('good morning'));
    });

    it('reaches every device of both', async () => {
      const [tablet, laptop] = await Promise.all([cast.logInAgain(alice), cast.logInAgain(bob)]);
      // The sender encrypts for the devices that it knows of: it has to have heard of the new ones first.
      await Promise.all([knowsDevice(alice, tablet), knowsDevice(alice, laptop)]);
      const news = await say(alice, room, 'for all our devices');
      const contents = await allRead([alice, bob, tablet, laptop], room, news);
      assert.deepEqual(
        contents.map((content) => content['body']),
        Array(4).fill('for all our devices'),
      );
    });

    it('shows an edited message as it was last', async () => {
      const original = await say(alice, room, 'seven o clock');
      const asSent = await reads(bob, room, original);
      await alice.client.sendMessage(room, {
        msgtype: MsgType.Text,
        body: '* eight o clock',
        'm.new_content': { msgtype: MsgType.Text, body: 'eight o clock' },
        'm.relates_to': { rel_type: RelationType.Replace, event_id: original },
      });
      await bob.until('sees the edit', () => asSent.getContent()['body'] === 'eight o clock');
    });

    it('counts a reaction on the message it belongs to', async () => {
      const joke = await say(bob, room, 'a joke');
      await reads(alice, room, joke);
      await alice.client.sendEvent(room, EventType.Reaction, {
        'm.relates_to': { rel_type: RelationType.Annotation, event_id: joke, key: '😂' },
      });
      await bob.until('sees the reaction', () => {
        const reactions = roomOf(bob, room).relations.getChildEventsForEvent(
          joke,
          RelationType.Annotation,
          EventType.Reaction,
        );
        return reactions?.getSortedAnnotationsByKey()?.some(([key, events]) => key === '😂' && events.size === 1);
      });
    });

    it('ties a reply to its message', async () => {
      const question = await say(alice, room, 'tea or coffee?');
      await reads(bob, room, question);
      const { event_id: answer } = await bob.client.sendMessage(room, {
        msgtype: MsgType.Text,
        body: 'tea',
        'm.relates_to': { 'm.in_reply_to': { event_id: question } },
      });
      assert.equal((await reads(alice, room, answer)).replyEventId, question);
    });

    it('keeps a thread together', async () => {
      const root = await say(alice, room, 'plans for the weekend');
      await reads(bob, room, root);
      const first = await sayInThread(bob, room, root, 'a walk');
      await seesThread(alice, room, root, [first]);
      const second = await sayInThread(alice, room, root, 'a swim');
      await Promise.all([alice, bob].map((device) => seesThread(device, room, root, [first, second])));
      const stored = await bob.client.fetchRoomEvent(room, root);
      assert.equal(stored.unsigned?.['m.relations']?.['m.thread']?.count, 2);
    });

    it('forgets the words of a redacted message on both sides', async () => {
      const slip = await say(bob, room, 'a slip of the tongue');
      const asSent = await reads(alice, room, slip);
      await bob.client.redactEvent(room, slip, undefined, { reason: 'not meant so' });
      await alice.until('sees the redaction', () => asSent.isRedacted());
      assert.deepEqual(asSent.getContent(), {});
      assert.deepEqual((await alice.client.fetchRoomEvent(room, slip)).content, {});
    });

    it('carries a file that the server cannot read', async () => {
      const photograph = new Uint8Array(randomBytes(100_000));
      const file = await uploadEncrypted(alice.client, photograph);
      const { event_id: sent } = await alice.client.sendMessage(room, {
        msgtype: MsgType.File,
        body: 'photograph.jpg',
        file,
        info: { size: photograph.length, mimetype: 'image/jpeg' },
      });
      const received = (await reads(bob, room, sent)).getContent()['file'] as EncryptedFile;
      assert.deepEqual(Buffer.from(await downloadEncrypted(bob.client, received)), Buffer.from(photograph));
    });
  });

  describe('among five people', () => {
    let group: Device[];
    let room: string;

    before(async () => {
      const others = await Promise.all(['carol', 'dave', 'erin'].map((name) => cast.register(name)));
      group = [alice, bob, ...others];
      room = await openRoom(alice, group.slice(1), { name: 'the five of us' });
    });

    it('is read by all, whoever speaks', async () => {
      const sent = await Promise.all(group.map((device) => say(device, room, `hello from ${device.userId}`)));
      for (const [index, eventId] of sent.entries()) {
        const contents = await allRead(group, room, eventId);
        assert.deepEqual(new Set(contents.map(({ body }) => body)), new Set([`hello from ${group[index]?.userId}`]));
      }
    });

    it('is closed to someone who has left', async () => {
      const [, , , , erin] = group as [Device, Device, Device, Device, Device];
      const rest = group.slice(0, 4);
      await erin.client.leave(room);
      await Promise.all(
        rest.map((device) =>
          device.until('sees her leave', () => roomOf(device, room).getJoinedMemberCount() === rest.length),
        ),
      );
      const secret = await say(alice, room, 'a surprise for Erin');
      await allRead(rest, room, secret);
      await assert.rejects(erin.client.fetchRoomEvent(room, secret), { httpStatus: 404 });
    });
  });
});

async function sayInThread(device: Device, room: string, root: string, body: string): Promise<string> {
  const { event_id: eventId } = await device.client.sendMessage(room, root, { msgtype: MsgType.Text, body });
  return eventId;
}

/** Waits until the thread of `root` has these replies, readable, and none in the main timeline. */
async function seesThread(device: Device, room: string, root: string, replies: string[]): Promise<void> {
  const thread = () => roomOf(device, room).getThread(root);
  const inThread = () => replies.filter((id) => thread()?.findEventById(id)?.getContent()['body'] !== undefined);
  await device.until(
    `sees ${replies.length} replies`,
    () => inThread().length === replies.length,
    () => `it sees ${inThread().length} of ${thread()?.length}`,
  );
  const main = roomOf(device, room).getLiveTimeline().getEvents();
  assert.deepEqual(
    main.filter((event) => replies.includes(event.getId() ?? '')),
    [],
  );
}
