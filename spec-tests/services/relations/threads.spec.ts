import { deepStrictEqual } from 'node:assert/strict';
import { NoticeBoard, type Notices } from '../../../src/services/events.ts';
import { Threads } from '../../../src/services/relations/threads.ts';
import { ALICE, TestTimeline } from '../timeline/support/test-timeline.ts';

describe('Threads', () => {
  let rig: TestTimeline;
  let threads: Threads;
  let roomId: string;
  let root: string;
  /** What `threads` has not been told yet. */
  let untold: Notices['timeline'][];
  let told: NoticeBoard;

  beforeEach(async () => {
    rig = await TestTimeline.start();
    told = new NoticeBoard();
    untold = [];
    rig.notices.on('timeline', (notice) => untold.push(notice));
    threads = new Threads(rig.storage, rig.events, told, { threads: 100 });
    ({ id: roomId } = await rig.room());
    root = (await rig.say(roomId, 'the root')).eventId;
    tell();
  });

  afterEach(() => rig.stop());

  const reply = async (body: string) =>
    (await rig.say(roomId, body, ALICE, { 'm.relates_to': { rel_type: 'm.thread', event_id: root } })).eventId;
  const tell = () => {
    for (const notice of untold.splice(0)) told.publish('timeline', notice);
  };
  const summary = async () => {
    const room = await rig.rooms.get(roomId);
    const found = (await threads.of(room!, [root], new Set())).get(root);
    return found && [found.count, found.latest.eventId];
  };

  it('count what comes', async () => {
    const first = await reply('one');
    tell();
    deepStrictEqual(await summary(), [1, first]);
    await reply('two');
    const last = await reply('three');
    tell();
    deepStrictEqual(await summary(), [3, last]);
  });

  it('no longer count what was redacted, also when it is not in memory any more', async () => {
    const first = await reply('one');
    const last = await reply('two');
    tell();
    deepStrictEqual(await summary(), [2, last]);
    rig.notices.on('redaction', (notice) => {
      rig.events.remove(rig.events.peekById(last)!);
      told.publish('redaction', notice);
    });
    await rig.timeline.send(roomId, { type: 'm.room.redaction', sender: ALICE, content: {}, redacts: last });
    tell();
    deepStrictEqual(await summary(), [1, first]);
  });

  it('count nothing twice that was read before they were told of it', async () => {
    await reply('one');
    tell();
    await reply('two');
    const last = await reply('three');
    deepStrictEqual(await summary(), [3, last]);
    tell();
    deepStrictEqual(await summary(), [3, last]);
  });
});
