import assert from 'node:assert/strict';
import { needs, redis } from '../../support/needs.ts';
import { RedisServer } from '../../support/redis-server.ts';
import { numbersOf } from '../gateway/test-viewer.ts';
import { type LiveHomeserver, startLiveHomeserver } from './live-homeserver.ts';

describe('a homeserver that keeps the order of live rooms in a Redis', function () {
  this.timeout(20_000);
  let server: RedisServer;
  let live: LiveHomeserver;

  beforeEach(async function () {
    server = await RedisServer.start(needs(this, redis));
    live = await startLiveHomeserver({ redis: { url: server.url } });
  });
  afterEach(async () => {
    await live?.stop();
    await server?.remove();
  });

  it('tells viewers what is said', async () => {
    const zed = await live.server.register('zed');
    const [chatter, anonymous] = [await live.watch(zed), await live.watch()];
    const { id, s } = await chatter.say('hello');
    await anonymous.until(({ messages }) => messages.includes(id));
    const ticks = anonymous.frames.filter(({ op }) => op === 't');
    assert.equal(s, ticks.flatMap(numbersOf).at(-1));
  });

  it('lets viewers go on where they were after a restart, signed in or not', async () => {
    const zed = await live.server.register('zed');
    const viewers = [await live.watch(), await live.watch(zed)];
    const before = await viewers[1]!.say('before');
    const places = [];
    for (const viewer of viewers) {
      await viewer.until(({ messages }) => messages.includes(before['id']!));
      const { epoch } = await viewer.frame('joined');
      const { q } = viewer.frames.findLast(({ op, ev }) => op === 't' && ev !== undefined)!;
      places.push({ ch: 'kai', epoch: epoch!, seq: q! });
    }
    await live.server.restart();
    await zed.ask('PUT', `/v3/rooms/${live.roomId}/send/m.room.message/1`, { msgtype: 'm.text', body: 'meanwhile' });
    for (const [at, user] of [undefined, zed].entries()) {
      const again = await live.watch(user, { subs: [places[at]!] });
      assert.equal((await again.frame('joined'))['rec'], true);
      await again.until(({ frames }) => JSON.stringify(frames).includes('meanwhile'));
      assert.deepEqual(
        again.entries('m').map(({ tx }) => tx),
        ['meanwhile'],
      );
    }
  });

  it('takes messages while the Redis is away', async () => {
    const zed = await live.server.register('zed');
    const chatter = await live.watch(zed);
    assert.equal((await chatter.say('before'))['op'], 'ok');
    await server.kill();
    live.server.clock.advance(2000);
    const { op, s } = await chatter.say('meanwhile');
    assert.deepEqual([op, s], ['ok', undefined]);
  });
});
