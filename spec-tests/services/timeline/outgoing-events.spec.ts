import { deepStrictEqual } from 'node:assert/strict';
import type { Room } from '../../../src/services/timeline/room.ts';
import type { SignedEvent } from '../../../src/services/timeline/stored-event.ts';
import { WriteSet } from '../../../src/storage/contract/write-set.ts';
import { Branch, RemoteServer } from '../../support/remote-server.ts';
import { ALICE, BOB, TestTimeline } from './support/test-timeline.ts';

const ZOE = '@zoe:far.example';
const YVES = '@yves:far.example';
const NOBODY_ELSE = [['test.example', 2]];

describe('Outgoing events', () => {
  let rig: TestTimeline;
  let room: Room;

  beforeEach(async () => {
    rig = await TestTimeline.start();
    room = await rig.room();
  });

  afterEach(() => rig.stop());

  const member = (userId: string, membership: string, sender = userId) =>
    rig.setState(room.id, 'm.room.member', userId, { membership }, sender);

  /** What a server is to get of the room: bodies of messages, memberships. */
  async function due(server: string, perRoom?: number): Promise<unknown[]> {
    const wanted = { server, after: 0, upTo: rig.storage.head, limit: 100 };
    const rows = await rig.storage.read((tx) =>
      perRoom === undefined ? tx.outbox.dueEvents(wanted) : tx.outbox.newestDueEvents({ ...wanted, perRoom }),
    );
    const events = await rig.events.byNids(
      rows.map((row) => row.event_nid),
      room,
    );
    return rows.map(({ event_nid }) => {
      const { content } = events.get(event_nid)!;
      return content['body'] ?? content['membership'];
    });
  }

  it('count the joined members of each server', async () => {
    deepStrictEqual([...room.joinedServers], NOBODY_ELSE);
    await member(ZOE, 'join');
    await member(YVES, 'join');
    await rig.setState(room.id, 'm.room.member', ZOE, { membership: 'join', displayname: 'Zoe' }, ZOE);
    deepStrictEqual(room.joinedServers.get('far.example'), 2);
    await member(ZOE, 'leave');
    deepStrictEqual(room.joinedServers.get('far.example'), 1);
    await member(YVES, 'leave');
    deepStrictEqual([...room.joinedServers], NOBODY_ELSE);
    rig = await rig.restarted();
    deepStrictEqual([...(await rig.rooms.get(room.id))!.joinedServers], NOBODY_ELSE);
  });

  it('go to the servers that are in the room before or after them', async () => {
    await rig.say(room.id, 'too early');
    await member(ZOE, 'join');
    await rig.say(room.id, 'one');
    await rig.say(room.id, 'theirs', ZOE);
    await member(ZOE, 'ban', ALICE);
    await rig.say(room.id, 'too late');
    await member(ZOE, 'leave', ALICE);
    await member(ZOE, 'join');
    await rig.say(room.id, 'two', BOB);
    deepStrictEqual(await due('far.example'), ['one', 'ban', 'two']);
    deepStrictEqual(await due('far.example', 1), ['two']);
    deepStrictEqual(await due('other.example'), []);
  });

  it('are none in a room where nobody else is', async () => {
    const seen: unknown[] = [];
    rig.notices.on('outgoingEvent', (notice) => seen.push(notice));
    await rig.say(room.id, 'for us');
    deepStrictEqual(seen, []);
    await member(ZOE, 'join');
    const { position } = await rig.say(room.id, 'for all');
    deepStrictEqual(seen, [{ roomId: room.id, position, origin: '', departed: undefined }]);
  });

  it('are decided by members who are on their way', async () => {
    await Promise.all([member(ZOE, 'join'), rig.say(room.id, 'one')]);
    await Promise.all([member(ZOE, 'leave'), rig.say(room.id, 'two')]);
    deepStrictEqual(await due('far.example'), ['one']);
  });

  it('tell whoever was invited that it came to nothing', async () => {
    await member(ZOE, 'invite', ALICE);
    await rig.say(room.id, 'not yet');
    await member(ZOE, 'leave', ALICE);
    deepStrictEqual(await due('far.example'), ['leave']);
  });

  it('leave something waiting until the server has got it', async () => {
    await member(ZOE, 'join');
    const waiting = () => rig.storage.read((tx) => tx.outbox.waiting('test.example', '', 10));
    deepStrictEqual(await waiting(), []);
    const { position } = await rig.say(room.id, 'one');
    deepStrictEqual(await waiting(), ['far.example']);
    const got = { server: 'far.example', sent_up_to: position, catch_up_to: 0, attempts: 0, retry_at: 0 };
    await rig.storage.commit(new WriteSet().add('destinations.put', { ...got, failing_since: null }));
    deepStrictEqual(await waiting(), []);
  });

  describe('beside the join of another server', () => {
    const FAR = new RemoteServer('far.example', 1);
    const ELSEWHERE = new RemoteServer('elsewhere.example', 2);
    let join: SignedEvent;
    const take = (event: SignedEvent, from: RemoteServer) =>
      rig.timeline.change(room.id, (turn, now) =>
        rig.timeline.appendSigned(turn, now, event, { relayedFrom: from.name }),
      );

    beforeEach(async () => {
      await rig.setState(room.id, 'm.room.join_rules', '', { join_rule: 'public' });
      join = Branch.of(room).join(FAR, ZOE);
    });

    it('are told to it alone if they are joins, too, in whatever order they come', async () => {
      const other = Branch.of(room).join(ELSEWHERE, ELSEWHERE.user('xena'));
      const third = Branch.of(room).join(FAR, YVES);
      await take(other, ELSEWHERE);
      const seen: unknown[] = [];
      rig.notices.on('outgoingEvent', ({ recipient }) => seen.push(recipient));
      await take(join, FAR);
      deepStrictEqual(seen, [undefined, 'far.example']);
      const ids = async (server: string) => {
        const wanted = { server, after: 0, upTo: rig.storage.head, limit: 100 };
        const rows = await rig.storage.read((tx) => tx.outbox.dueEvents(wanted));
        const events = await rig.events.byNids(
          rows.map((row) => row.event_nid),
          room,
        );
        return rows.map(({ event_nid }) => events.get(event_nid)!.eventId);
      };
      deepStrictEqual(await ids('far.example'), [other.eventId]);
      deepStrictEqual(await ids('elsewhere.example'), [join.eventId]);
      deepStrictEqual(await rig.storage.read((tx) => tx.outbox.waiting('test.example', '', 10)), [
        'elsewhere.example',
        'far.example',
      ]);
      // A second user of a server that is there brings nothing that it has not heard of.
      await take(third, FAR);
      deepStrictEqual(await ids('far.example'), [other.eventId]);
    });

    it('are told to it if they are messages and all of the history may be seen', async () => {
      await rig.say(room.id, 'beside');
      await take(join, FAR);
      deepStrictEqual(await due('far.example'), ['beside']);
    });

    it('are not told to it if they are messages of before', async () => {
      await rig.setState(room.id, 'm.room.history_visibility', '', { history_visibility: 'joined' });
      join = Branch.of(room).join(FAR, ZOE);
      await rig.say(room.id, 'beside');
      await take(join, FAR);
      deepStrictEqual(await due('far.example'), []);
    });
  });
});
