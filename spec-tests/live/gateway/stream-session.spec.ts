import assert from 'node:assert/strict';
import type { You } from '../../../src/live/api/gateway/access.ts';
import { People } from '../../../src/live/api/gateway/people.ts';
import { StreamSession } from '../../../src/live/api/gateway/stream-session.ts';
import { EventStream } from '../../../src/live/hub/sockets/event-stream.ts';
import { systemRandom } from '../../../src/util/random.ts';
import { TestClock } from '../../support/test-clock.ts';
import { type LiveServer, startLiveServer } from './live-server.ts';

const MODERATOR: You = { role: 'moderator', badges: [], can: true };

describe('a session of server-sent events', () => {
  let server: LiveServer;
  let clock: TestClock;

  beforeEach(async () => {
    clock = new TestClock();
    server = await startLiveServer({ clock, random: systemRandom });
  });
  afterEach(() => server.close());

  it('leaves nothing behind where its reader goes while it is looked at', async () => {
    let listeners = 0;
    const { lane } = server.channel;
    const join: typeof lane.join = (listener) => {
      listeners += 1;
      const leave = lane.join(listener);
      return () => {
        listeners -= 1;
        leave();
      };
    };
    const channel = Object.assign(Object.create(server.channel), {
      lane: Object.assign(Object.create(lane), { join }),
    });
    let answer: (you: You) => void = () => undefined;
    let you = (): Promise<You> => Promise.resolve({ ...MODERATOR, role: 'viewer' });
    const people = new People();
    const stream = new EventStream(clock, 1000);
    const session = new StreamSession({
      ...{ stream, people, profile: 'full' as const, wantsLane: true, account: { userId: '@mia:s', deviceId: 'D' } },
      access: { channel: async () => channel, mayStay: () => true, you: () => you() },
    });
    stream.onEnd(() => session.end());
    await session.read(channel, { place: undefined, lane: undefined });
    assert.equal(server.channel.fanOut.viewers, 1);
    you = () =>
      new Promise((resolve) => {
        answer = resolve;
      });
    const looked = people.recheck('@mia:s', server.channel.id);
    await new Promise((resolve) => setImmediate(resolve));
    stream.end();
    answer(MODERATOR);
    await looked;
    assert.deepEqual([listeners, server.channel.fanOut.viewers], [0, 0]);
  });
});
