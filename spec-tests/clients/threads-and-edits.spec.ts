import { strict as assert } from 'node:assert';
import { Direction, EventType, FeatureSupport, MsgType, RelationType, Thread } from 'matrix-js-sdk';
import { Cast } from './support/cast.ts';
import type { Device } from './support/device.ts';
import { type Homeserver, launchHomeserver } from './support/launch.ts';
import { openRoom, reads, roomOf, say } from './support/rooms.ts';

describe('threads and edits', function () {
  this.timeout(60_000);
  let homeserver: Homeserver;
  let cast: Cast;
  let alice: Device;
  let bob: Device;
  let room: string;

  before(async () => {
    // As in a process in which a client of a server without threads has been started.
    Thread.setServerSideSupport(FeatureSupport.None);
    homeserver = await launchHomeserver();
    cast = new Cast(homeserver);
    [alice, bob] = await Promise.all([cast.register('alice'), cast.register('bob')]);
    room = await openRoom(alice, [bob], { encrypted: false });
  });

  after(async () => {
    cast?.stop();
    await homeserver?.remove();
  });

  const reply = async (device: Device, root: string, body: string) =>
    (await device.client.sendMessage(room, root, { msgtype: MsgType.Text, body })).event_id;
  const edit = (device: Device, eventId: string, body: string) =>
    device.client.sendMessage(room, {
      msgtype: MsgType.Text,
      body: `* ${body}`,
      'm.new_content': { msgtype: MsgType.Text, body },
      'm.relates_to': { rel_type: RelationType.Replace, event_id: eventId },
    });

  it('shows an edit in the place of what was said, at once and to who comes later', async () => {
    const said = await say(alice, room, 'teh cat');
    const seen = await reads(bob, room, said);
    await edit(alice, said, 'the cat');
    await bob.until('sees the edit', () => seen.getContent()['body'] === 'the cat');
    const tablet = await cast.logInAgain(bob);
    const later = await reads(tablet, room, said);
    await tablet.until('sees the edit', () => later.getContent()['body'] === 'the cat');
    assert.equal(later.replacingEvent()?.getSender(), alice.userId);
  });

  it('takes no edit by somebody else', async () => {
    const said = await say(alice, room, 'mine');
    await reads(bob, room, said);
    await edit(bob, said, 'yours');
    const last = await say(bob, room, 'done');
    await reads(alice, room, last);
    const fresh = await cast.logInAgain(alice);
    assert.equal((await reads(fresh, room, said)).getContent()['body'], 'mine');
  });

  it('keeps a thread together, with how much is in it and what was said last', async () => {
    const root = await say(alice, room, 'What shall we eat?');
    await reads(bob, room, root);
    await reply(bob, root, 'Soup');
    const last = await reply(alice, root, 'Again?');
    const thread = await bob.until<Thread>('sees the thread', () => {
      const known = roomOf(bob, room).getThread(root);
      return known?.length === 2 && known.replyToEvent?.getId() === last ? known : undefined;
    });
    assert.equal(thread.rootEvent?.getId(), root);
    assert.ok(
      !roomOf(bob, room)
        .getLiveTimeline()
        .getEvents()
        .some((event) => event.getId() === last),
    );
    const { chunk } = await bob.client.createThreadListMessagesRequest(room, null, 10, Direction.Backward);
    assert.deepEqual(
      chunk.map(({ event_id: id, unsigned }) => {
        const bundle = unsigned?.['m.relations']?.['m.thread'];
        return [id, bundle?.count, bundle?.current_user_participated];
      }),
      [[root, 2, true]],
    );
    const related = await bob.client.relations(room, root, RelationType.Thread, EventType.RoomMessage);
    assert.deepEqual(related.events.map((event) => event.getContent()['body']).toSorted(), ['Again?', 'Soup']);
  });

  it('takes back a whole thread with one redaction', async () => {
    const root = await say(alice, room, 'A secret');
    const answer = await reply(alice, root, 'and more of it');
    await reads(bob, room, root);
    await alice.client.redactEvent(room, root, undefined, { with_rel_types: [RelationType.Thread] });
    const gone = async (id: string) =>
      Object.keys((await bob.client.fetchRoomEvent(room, id)).content ?? {}).length === 0;
    assert.deepEqual([await gone(root), await gone(answer)], [true, true]);
  });
});
