import assert from 'node:assert/strict';
import type { JsonObject } from '../../../src/protocol/json.ts';
import type { TestUser } from '../../support/test-homeserver.ts';
import { KAI, type LiveHomeserver, startLiveHomeserver } from './live-homeserver.ts';

/** Of E.5: what moderators take out is nowhere any more, as soon as they are answered. */
describe('a message that is taken out of a channel', function () {
  this.timeout(30_000);
  let live: LiveHomeserver;
  let zed: TestUser;
  let session: string;
  beforeEach(async () => {
    live = await startLiveHomeserver();
    zed = await live.server.register('zed');
    session = (await live.kai.ask('PUT', `${KAI}/session`, { status: 'live' })).body.session.id;
  });
  afterEach(() => live.stop());

  type Said = { id: string; event: string; path: string };
  const WAYS: Readonly<Record<string, (said: Said) => Promise<{ status: number }>>> = {
    'by the endpoint': ({ id }) => live.kai.ask('DELETE', `${KAI}/messages/${id}`),
    'with Element': ({ path }) => live.kai.ask('PUT', `/v3/rooms/${live.roomId}/redact/${path}/x`, {}),
    'by who wrote it': ({ path }) => zed.ask('PUT', `/v3/rooms/${live.roomId}/redact/${path}/x`, {}),
    'with all that its writer said': () => live.kai.ask('POST', `${KAI}/clear`, { user: zed.userId }),
    'with a time-out': () => live.kai.ask('POST', `${KAI}/timeouts`, { user: zed.userId, seconds: 60, purge: true }),
    'with a ban': () => live.kai.ask('POST', `${KAI}/bans`, { user: zed.userId, purge: true }),
  };

  for (const [way, takeOut] of Object.entries(WAYS)) {
    it(`is nowhere at once: ${way}`, async () => {
      const { kai, server, roomId } = live;
      const { epoch = null, seq = null } = await (await live.watch()).frame('joined');
      const slot = Math.floor(server.clock.now() / 2000);
      const chatter = await live.watch(zed);
      const told = await chatter.say('a dreadful thing');
      await chatter.ask('react', { k: '🔥', event: told['id'] ?? null });
      const event = String(told['event_id']);
      const said = { id: String(told['id']), event, path: encodeURIComponent(event) };
      const edited = { msgtype: 'm.text', body: '* a dreadful word' };
      server.clock.advance(1100);
      await zed.ask('PUT', `/v3/rooms/${roomId}/send/m.room.message/e`, {
        ...edited,
        'm.new_content': { msgtype: 'm.text', body: 'a dreadful word' },
        'm.relates_to': { rel_type: 'm.replace', event_id: event },
      });
      await kai.ask('PUT', `${KAI}/pin`, { event_id: said.id });
      server.clock.advance(4000);
      const since = (await kai.ask('GET', '/v3/sync')).body;
      assert.ok(JSON.stringify(since).includes('dreadful'), 'the test would not find it');

      const { status } = await takeOut(said);
      assert.equal(status, 200);
      // Edits are events of their own to the room, which are taken out by the server right behind the message.
      const room = `/v3/rooms/${roomId}`;
      const isLeft = async () => JSON.stringify((await kai.ask('GET', `${room}/messages?dir=b&limit=50`)).body);
      while ((await isLeft()).includes('dreadful word')) await new Promise((resolve) => setImmediate(resolve));

      const again = await live.watch(undefined, { subs: [{ ch: 'kai', epoch, seq }] });
      await again.until(({ frames }) => frames.some(({ op, re }) => op === 't' && re === 1));
      const anew = await live.watch();
      const [chunk, sse] = [`${KAI}/chunk/${epoch}/${slot}`, `${KAI}/events?from=${epoch}:${seq}`];
      const open = await Promise.all(
        [`${KAI}/snapshot`, `${KAI}/pin`, `${KAI}/questions`, `${KAI}/sessions/${session}/replay`, chunk].map((path) =>
          server.ask('GET', path),
        ),
      );
      const filter = encodeURIComponent(JSON.stringify({ room: { timeline: { limit: 50 } } }));
      const search = { search_categories: { room_events: { search_term: 'dreadful', filter: { rooms: [roomId] } } } };
      const closed = [
        await kai.ask('GET', `${room}/messages?dir=b&limit=50`),
        await kai.ask('GET', `/v3/sync?filter=${filter}`),
        await kai.ask('GET', `${room}/event/${said.path}`),
        await kai.ask('GET', `${room}/context/${said.path}`),
        await kai.ask('POST', '/v3/search', search),
      ];
      const texts = [
        ...[again, anew].map(({ frames }) => JSON.stringify(frames)),
        ...[...open, ...closed].map(({ body }) => withoutTerm(body)),
        await firstEvents(`${server.url}/_matrix/client${sse}`),
      ];
      for (const [index, text] of texts.entries())
        assert.ok(
          !text.includes('dreadful'),
          `${index}: ${text.slice(Math.max(0, text.indexOf('dreadful') - 300), 600)}`,
        );
      assert.deepEqual(open[1]?.body, {});
    });
  }
});

/** What is searched for comes back among what is highlighted. */
function withoutTerm(body: JsonObject): string {
  return JSON.stringify(body, (key, value) => (key === 'highlights' ? undefined : value));
}

async function firstEvents(url: string): Promise<string> {
  const stop = new AbortController();
  const response = await fetch(url, { signal: stop.signal });
  const reader = response.body!.getReader();
  const decoder = new TextDecoder();
  let text = '';
  try {
    while (!text.includes('"op":"t"')) {
      const { value, done } = await reader.read();
      if (done) break;
      text += decoder.decode(value, { stream: true });
    }
    return text;
  } finally {
    stop.abort();
  }
}
