import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { startTestHomeserver, type TestHomeserver, type TestUser } from '../../../support/test-homeserver.ts';

const PRESET = 'online.beamify.broadcast';

describe('Broadcast rooms', () => {
  let server: TestHomeserver;
  let alice: TestUser;
  let editor: TestUser;
  let reader: TestUser;
  let txn = 0;

  before(async () => {
    server = await startTestHomeserver({ rooms: { encrypt_by_default: 'private' } });
    [alice, editor, reader] = [
      await server.register('alice'),
      await server.register('editor'),
      await server.register('reader'),
    ];
  });
  after(() => server.stop());

  const make = async (body: object, version = '12') => {
    const request = { preset: PRESET, 'online.beamify.posters': [editor.userId, alice.userId], room_version: version };
    const made = await alice.ask('POST', '/v3/createRoom', { ...request, ...body });
    return `/v3/rooms/${encodeURIComponent(made.body.room_id)}`;
  };
  const send = async (user: TestUser, room: string, type: string, content: object) =>
    (await user.ask('PUT', `${room}/send/${type}/${++txn}`, content)).status;
  const message = { msgtype: 'm.text', body: 'News' };

  for (const version of ['11', '12']) {
    it(`let chosen people post and everybody read, in room version ${version}`, async () => {
      const room = await make({ visibility: 'public' }, version);
      const before = await alice.ask('PUT', `${room}/send/m.room.message/${++txn}`, message);
      for (const user of [editor, reader]) strictEqual((await user.ask('POST', `${room}/join`, {})).status, 200);
      strictEqual(await send(editor, room, 'm.room.message', message), 200);
      strictEqual(await send(reader, room, 'm.room.message', message), 403);
      strictEqual(await send(reader, room, 'm.sticker', {}), 403);
      const reaction = { 'm.relates_to': { rel_type: 'm.annotation', event_id: before.body.event_id, key: '👍' } };
      strictEqual(await send(reader, room, 'm.reaction', reaction), 200);
      strictEqual(await send(reader, room, 'm.poll.response', {}), 200);
      strictEqual((await editor.ask('POST', `${room}/invite`, { user_id: '@x:test.example' })).status, 403);
      strictEqual((await editor.ask('POST', `${room}/kick`, { user_id: reader.userId })).status, 403);
      strictEqual((await editor.ask('PUT', `${room}/state/m.room.name`, { name: 'Mine' })).status, 403);
      const seen = await reader.ask('GET', `${room}/event/${before.body.event_id}`);
      deepStrictEqual(seen.body.content, message);
      strictEqual((await reader.ask('GET', `${room}/state/m.room.encryption`)).status, 404);
    });
  }

  it('are read by anybody if they are public, and only by who was invited if not', async () => {
    const open = await make({ visibility: 'public' });
    const outsider = await server.register('outsider');
    strictEqual((await outsider.ask('GET', `${open}/messages?dir=b`)).status, 200);
    const closed = await make({ invite: [reader.userId] });
    strictEqual((await outsider.ask('POST', `${closed}/join`, {})).status, 403);
    strictEqual((await reader.ask('POST', `${closed}/join`, {})).status, 200);
    strictEqual(
      (await alice.ask('GET', `${closed}/state/m.room.history_visibility`)).body.history_visibility,
      'shared',
    );
  });

  it('are told of in the features of the server, and take only users as posters', async () => {
    strictEqual((await server.ask('GET', '/versions')).body.unstable_features[PRESET], true);
    const refused = await alice.ask('POST', '/v3/createRoom', { preset: PRESET, 'online.beamify.posters': ['x'] });
    deepStrictEqual([refused.status, refused.body.errcode], [400, 'M_BAD_JSON']);
  });
});
