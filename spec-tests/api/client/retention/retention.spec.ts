import { deepStrictEqual, ok, rejects, strictEqual } from 'node:assert/strict';
import { localKey } from '../../../../src/services/media/local-key.ts';
import { WriteSet } from '../../../../src/storage/contract/write-set.ts';
import { startTestHomeserver, type TestHomeserver, type TestUser } from '../../../support/test-homeserver.ts';

const DAY = 24 * 3_600_000;

describe('Retention', () => {
  let server: TestHomeserver;
  let alice: TestUser;
  let bob: TestUser;
  let roomId: string;
  let room: string;
  let count = 0;

  before(async () => {
    server = await startTestHomeserver({
      retention: { enabled: true, default_lifetime: '30d', min_lifetime: '2d', max_lifetime: '100d' },
    });
  });
  after(() => server.stop());
  beforeEach(async () => {
    count += 1;
    alice = await server.register(`alice${count}`);
    bob = await server.register(`bob${count}`);
    roomId = (await alice.ask('POST', '/v3/createRoom', { preset: 'public_chat' })).body.room_id;
    room = `/v3/rooms/${encodeURIComponent(roomId)}`;
    await bob.ask('POST', `${room}/join`, {});
  });

  let txn = 0;
  const send = async (body: string, more: object = {}): Promise<string> =>
    (await alice.ask('PUT', `${room}/send/m.room.message/${++txn}`, { msgtype: 'm.text', body, ...more })).body
      .event_id;
  const bodies = (events: { content: { body?: string } }[]) => events.flatMap(({ content: { body } }) => body ?? []);
  const page = async () => bodies((await bob.ask('GET', `${room}/messages?dir=b&limit=100`)).body.chunk);
  const synced = async (user = bob) => {
    const { body } = await user.ask('GET', '/v3/sync?filter={"room":{"timeline":{"limit":50}}}');
    return {
      told: bodies(body.rooms.join[roomId].timeline.events),
      unread: body.rooms.join[roomId].unread_notifications,
    };
  };
  const stored = (eventId: string) => server.homeserver.services.storage.read((tx) => tx.events.byId(eventId));
  const purge = async () => {
    server.clock.sleep(DAY);
    await server.homeserver.services.retention.run();
  };
  const want = (lifetime: unknown) => alice.ask('PUT', `${room}/state/m.room.retention`, { max_lifetime: lifetime });

  it('hides messages as soon as their time is over, and deletes them a while later', async () => {
    await want(5 * DAY);
    const old = await send('old');
    server.clock.sleep(3 * DAY);
    await send('new');
    deepStrictEqual(await page(), ['new', 'old']);
    server.clock.sleep(2 * DAY + 1);
    deepStrictEqual([await page(), (await synced()).told], [['new'], ['new']]);
    strictEqual((await bob.ask('GET', `${room}/event/${old}`)).status, 404);
    strictEqual((await bob.ask('GET', `${room}/context/${old}`)).status, 404);
    await purge();
    strictEqual(await stored(old), undefined);
    deepStrictEqual([await page(), (await synced()).told], [['new'], ['new']]);
    strictEqual((await alice.ask('GET', `${room}/state/m.room.retention`)).body.max_lifetime, 5 * DAY);
    strictEqual((await send('after')) !== undefined, true);
    await server.restart();
    deepStrictEqual(await page(), ['after', 'new']);
  });

  it('keeps to what the server allows, and to its default where the room says nothing sensible', async () => {
    const lifetimes: [unknown, number][] = [
      [1, 2],
      [1_000 * DAY, 100],
      ['5', 30],
      [-1, 30],
    ];
    for (const [wanted, days] of lifetimes) {
      await want(wanted);
      const text = `${days} ${String(wanted)}`;
      await send(text);
      server.clock.sleep(days * DAY);
      strictEqual((await page())[0], text);
      server.clock.advance(1);
      strictEqual((await page()).length, 0);
    }
  });

  it('counts nothing as unread that is gone', async () => {
    await want(5 * DAY);
    const read = await send('read');
    await bob.ask('POST', `${room}/receipt/m.read/${read}`, {});
    await send('missed');
    await send(`${bob.userId} missed`, { 'm.mentions': { user_ids: [bob.userId] } });
    server.clock.sleep(6 * DAY);
    await send('new');
    await purge();
    deepStrictEqual((await synced()).unread, { notification_count: 1, highlight_count: 0 });
    await server.restart();
    deepStrictEqual((await synced()).unread, { notification_count: 1, highlight_count: 0 });
  });

  it('goes on counting what came before something that says it is older, or that was fetched from the past', async () => {
    await want(5 * DAY);
    const read = await send('read');
    await bob.ask('POST', `${room}/receipt/m.read/${read}`, {});
    server.clock.sleep(6 * DAY);
    for (const body of ['one', 'two', 'three']) await send(body);
    const { timeline, storage } = server.homeserver.services;
    const content = { msgtype: 'm.text', body: 'forged' };
    await timeline.send(roomId, { type: 'm.room.message', sender: alice.userId, content, originServerTs: 1 });
    const { stream_position: _, ...row } = (await stored(await send('last')))!;
    const old = { event_nid: storage.nextNid('event'), event_id: '$old', chunk_index: -1, origin_server_ts: 1 };
    await storage.commit(new WriteSet().add('events.insertOld', { ...row, ...old }));
    await purge();
    strictEqual(await stored('$old'), undefined);
    const { told, unread } = await synced();
    deepStrictEqual(told, ['one', 'two', 'three', 'last']);
    ok(unread.notification_count >= 4);
  });

  it('finds nothing by its words any more', async () => {
    const search = async () => {
      const criteria = { search_term: 'needle' };
      const { body } = await bob.ask('POST', '/v3/search', {
        search_categories: { room_events: { ...{ search_term: 'needle' }, ...criteria } },
      });
      return body.search_categories.room_events.count;
    };
    await want(5 * DAY);
    const first = await send('a needle');
    const relates = {
      'm.relates_to': { rel_type: 'm.replace', event_id: first },
      'm.new_content': { body: 'a needle' },
    };
    await send('a needle', relates);
    await send('last');
    strictEqual(await search(), 1);
    server.clock.sleep(6 * DAY);
    await purge();
    strictEqual(await search(), 0);
  });

  const upload = async () => {
    const response = await fetch(`${server.url}/_matrix/media/v3/upload`, {
      method: 'POST',
      headers: { authorization: `Bearer ${alice.accessToken}`, 'content-type': 'text/plain' },
      body: 'text',
    });
    return ((await response.json()) as { content_uri: string }).content_uri;
  };

  it('takes files along that no other message shows, be it after a stop in the midst of it', async () => {
    await want(5 * DAY);
    const [gone, shared] = [await upload(), await upload()];
    for (const url of [gone, shared]) await send('file', { url });
    const { notices, unusedMedia } = server.homeserver.services;
    notices.on('purge', () => {
      unusedMedia.removeUnused = () => Promise.reject(new Error('the process has died'));
    });
    server.clock.sleep(6 * DAY);
    await send('again', { url: shared });
    await rejects(purge(), /has died/);
    const status = async (uri: string) => (await alice.ask('GET', `/v1/media/download/${uri.slice(6)}`)).status;
    strictEqual(await status(gone), 200);
    await server.restart();
    await server.homeserver.services.retention.run();
    deepStrictEqual([await status(gone), await status(shared)], [404, 200]);
    deepStrictEqual(await server.homeserver.services.storage.read((tx) => tx.retention.unusedFiles('', 1)), []);
  });

  it('finishes the removal of a file of which only the bytes are left', async () => {
    const mxc = await upload();
    const mediaId = mxc.split('/').at(-1)!;
    const { storage, blobs, retention } = server.homeserver.services;
    const set = new WriteSet().add('local_media.delete', { media_id: mediaId });
    await storage.commit(set.add('unused_files.put', { mxc }));
    await retention.run();
    strictEqual(await blobs.read(localKey(mediaId)), undefined);
  });

  it('takes files along that no other message shows', async () => {
    await want(5 * DAY);
    const [gone, shared, avatar] = [await upload(), await upload(), await upload()];
    await alice.ask('PUT', `/v3/profile/${alice.userId}/avatar_url`, { avatar_url: avatar });
    for (const url of [gone, shared, avatar]) await send('file', { url });
    server.clock.sleep(6 * DAY);
    await send('again', { url: shared });
    await purge();
    const status = async (uri: string) => (await alice.ask('GET', `/v1/media/download/${uri.slice(6)}`)).status;
    deepStrictEqual([await status(gone), await status(shared), await status(avatar)], [404, 200, 200]);
  });

  it('takes along the files of what was redacted, and leaves those that a room or its owner keeps as stickers', async () => {
    await want(5 * DAY);
    const [redacted, ofRoom, before, own] = [await upload(), await upload(), await upload(), await upload()];
    const file = await send('file', { url: redacted });
    await alice.ask('PUT', `${room}/redact/${encodeURIComponent(file)}/${++txn}`, {});
    for (const url of [before, ofRoom]) {
      await alice.ask('PUT', `${room}/state/im.ponies.room_emotes/`, { images: { one: { url } } });
    }
    await alice.ask('PUT', `/v3/user/${alice.userId}/account_data/im.ponies.user_emotes`, {
      images: { one: { url: own } },
    });
    for (const url of [ofRoom, before, own]) {
      await alice.ask('PUT', `${room}/send/m.sticker/${++txn}`, { body: 'a sticker', url });
    }
    server.clock.sleep(6 * DAY);
    await send('last');
    await purge();
    const status = async (uri: string) => (await alice.ask('GET', `/v1/media/download/${uri.slice(6)}`)).status;
    deepStrictEqual(
      [await status(redacted), await status(before), await status(ofRoom), await status(own)],
      [404, 404, 200, 200],
    );
  });

  it('leaves the rest of a thread whose beginning is gone', async () => {
    await want(5 * DAY);
    const root = await send('root');
    const threads = { 'm.relates_to': { rel_type: 'm.thread', event_id: root } };
    await send('first', threads);
    server.clock.sleep(4 * DAY);
    const last = await send('second', threads);
    await send('main');
    server.clock.sleep(2 * DAY);
    await purge();
    deepStrictEqual(await page(), ['main', 'second']);
    deepStrictEqual((await bob.ask('GET', `/v1/rooms/${roomId}/threads`)).body.chunk, []);
    strictEqual((await bob.ask('GET', `${room}/event/${last}`)).status, 200);
  });

  it('lists no threads whose messages are all gone', async () => {
    await want(5 * DAY);
    const listed = () =>
      server.homeserver.services.storage.read(async (tx) => {
        const { room_nid: nid } = (await tx.rooms.byId(roomId))!;
        return (await tx.events.threads(nid, { chunk: 0, index: Number.MAX_SAFE_INTEGER }, 10)).map(
          (thread) => thread.thread_root,
        );
      });
    const [first, second] = [await send('first'), await send('second')];
    for (const root of [first, second])
      await send('in it', { 'm.relates_to': { rel_type: 'm.thread', event_id: root } });
    server.clock.sleep(3 * DAY);
    await send('later', { 'm.relates_to': { rel_type: 'm.thread', event_id: first } });
    deepStrictEqual(await listed(), [first, second]);
    server.clock.sleep(3 * DAY);
    await purge();
    deepStrictEqual(await listed(), [first]);
  });

  it('goes on where it stopped when there is much', async () => {
    await want(2 * DAY);
    const ids = await Promise.all(Array.from({ length: 250 }, (_, n) => send(`${n}`)));
    server.clock.sleep(3 * DAY);
    await send('last');
    await purge();
    for (const id of ids) strictEqual(await stored(id), undefined);
    deepStrictEqual(await page(), ['last']);
  });
});

describe('A server without retention', () => {
  it('keeps everything, whatever rooms want', async () => {
    const server = await startTestHomeserver();
    try {
      const alice = await server.register('alice');
      const { room_id: roomId } = (await alice.ask('POST', '/v3/createRoom', {})).body;
      await alice.ask('PUT', `/v3/rooms/${roomId}/state/m.room.retention`, { max_lifetime: 1 });
      const { event_id: id } = (await alice.ask('PUT', `/v3/rooms/${roomId}/send/m.room.message/1`, { body: 'x' }))
        .body;
      server.clock.sleep(1_000 * DAY);
      await server.homeserver.services.retention.run();
      strictEqual((await alice.ask('GET', `/v3/rooms/${roomId}/event/${id}`)).status, 200);
    } finally {
      await server.stop();
    }
  });
});
