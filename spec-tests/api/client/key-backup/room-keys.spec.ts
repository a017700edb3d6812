import assert from 'node:assert/strict';
import { startTestHomeserver, type TestHomeserver, type TestUser } from '../../../support/test-homeserver.ts';

const ALGORITHM = 'm.megolm_backup.v1.curve25519-aes-sha2';
const ROOM = '!room:test.example';
const OTHER = '!other:test.example';

describe('/room_keys/keys', () => {
  let server: TestHomeserver;
  let alice: TestUser;
  let count = 0;

  before(async () => {
    server = await startTestHomeserver({ limits: { key_backup_keys: 3_000 } });
  });
  after(() => server.stop());
  beforeEach(async () => {
    count += 1;
    alice = await server.register(`alice${count}`);
    await create();
  });

  const create = () =>
    alice.ask('POST', '/v3/room_keys/version', { algorithm: ALGORITHM, auth_data: { public_key: 'key' } });
  const key = (changes: object = {}) => ({
    first_message_index: 1,
    forwarded_count: 0,
    is_verified: false,
    session_data: { ciphertext: 'c' },
    ...changes,
  });
  const path = (...parts: string[]) => ['/v3/room_keys/keys', ...parts.map(encodeURIComponent)].join('/');
  const put = (parts: string[], body: object, version = '1') =>
    alice.ask('PUT', `${path(...parts)}?version=${version}`, body);
  const get = (parts: string[] = [], version = '1') => alice.ask('GET', `${path(...parts)}?version=${version}`);
  const remove = (parts: string[] = [], version = '1') => alice.ask('DELETE', `${path(...parts)}?version=${version}`);

  it('stores and reads keys at all three levels', async () => {
    assert.deepEqual((await put([ROOM, 'a'], key())).body, { etag: '1', count: 1 });
    assert.deepEqual((await put([ROOM], { sessions: { b: key(), c: key() } })).body, { etag: '2', count: 3 });
    const rooms = { [ROOM]: { sessions: { d: key() } }, [OTHER]: { sessions: { a: key() } } };
    assert.deepEqual((await put([], { rooms })).body, { etag: '3', count: 5 });
    assert.deepEqual((await get([ROOM, 'a'])).body, key());
    const inRoom = { sessions: { a: key(), b: key(), c: key(), d: key() } };
    assert.deepEqual((await get([ROOM])).body, inRoom);
    assert.deepEqual((await get()).body, { rooms: { [ROOM]: inRoom, [OTHER]: { sessions: { a: key() } } } });
    assert.equal((await alice.ask('GET', '/v3/room_keys/version')).body.count, 5);
  });

  it('answers empty objects where there are no keys, and 404 for one that is not there', async () => {
    assert.deepEqual((await get()).body, { rooms: {} });
    assert.deepEqual((await get([ROOM])).body, { sessions: {} });
    assert.equal((await get([ROOM, 'a'])).body.errcode, 'M_NOT_FOUND');
  });

  it('keeps the better of two keys of a session, and the etag with it', async () => {
    await put([ROOM, 'a'], key({ first_message_index: 3 }));
    assert.deepEqual((await put([ROOM, 'a'], key({ first_message_index: 5 }))).body, { etag: '1', count: 1 });
    assert.deepEqual((await put([ROOM, 'a'], key({ first_message_index: 2 }))).body, { etag: '2', count: 1 });
    const verified = key({ first_message_index: 9, forwarded_count: 9, is_verified: true });
    assert.deepEqual((await put([ROOM, 'a'], verified)).body, { etag: '3', count: 1 });
    assert.deepEqual((await get([ROOM, 'a'])).body, verified);
  });

  it('loses no key of those that are stored at the same time', async () => {
    await Promise.all(Array.from({ length: 10 }, (_, i) => put([ROOM, `s${i}`], key())));
    const { body } = await alice.ask('GET', '/v3/room_keys/version');
    assert.equal(body.count, 10);
    assert.equal(body.etag, '10');
  });

  it('stores thousands of keys at once, within the bound', async () => {
    const some = (length: number) => Object.fromEntries(Array.from({ length }, (_, i) => [`session${i}`, key()]));
    const rooms = { [ROOM]: { sessions: some(1_100) }, [OTHER]: { sessions: some(1_400) } };
    assert.deepEqual((await put([], { rooms })).body, { etag: '1', count: 2_500 });
    const more = Object.fromEntries(Array.from({ length: 501 }, (_, i) => [`more${i}`, key()]));
    const refused = await put([ROOM], { sessions: more });
    assert.equal(refused.status, 413);
    assert.equal(refused.body.errcode, 'M_TOO_LARGE');
    assert.deepEqual((await get()).body, { rooms });
    assert.deepEqual((await get([OTHER])).body, rooms[OTHER]);
  });

  it('removes keys at all three levels', async () => {
    const sessions = { a: key(), b: key() };
    await put([], { rooms: { [ROOM]: { sessions }, [OTHER]: { sessions } } });
    assert.deepEqual((await remove([ROOM, 'a'])).body, { etag: '2', count: 3 });
    assert.deepEqual((await remove([ROOM, 'a'])).body, { etag: '2', count: 3 });
    assert.deepEqual((await remove([ROOM])).body, { etag: '3', count: 2 });
    assert.deepEqual((await remove()).body, { etag: '4', count: 0 });
    assert.deepEqual((await get()).body, { rooms: {} });
  });

  it('takes keys for the current version alone', async () => {
    await create();
    const refused = await put([ROOM, 'a'], key(), '1');
    assert.equal(refused.status, 403);
    assert.equal(refused.body.errcode, 'M_WRONG_ROOM_KEYS_VERSION');
    assert.equal(refused.body.current_version, '2');
    assert.equal((await put([ROOM, 'a'], key(), '2')).status, 200);
  });

  it('hides everything of a version that was deleted', async () => {
    await put([ROOM, 'a'], key());
    await alice.ask('DELETE', '/v3/room_keys/version/1');
    for (const answer of [
      await get(),
      await get([ROOM]),
      await get([ROOM, 'a']),
      await remove(),
      await put([ROOM, 'a'], key()),
    ]) {
      assert.equal(answer.status, 404);
      assert.equal(answer.body.errcode, 'M_NOT_FOUND');
    }
    await create();
    assert.deepEqual((await get([], '2')).body, { rooms: {} });
  });

  it('shows the keys of a user to nobody else', async () => {
    await put([ROOM, 'a'], key());
    const bob = await server.register(`bob${count}`);
    assert.equal((await bob.ask('GET', `${path(ROOM, 'a')}?version=1`)).status, 404);
  });

  it('refuses keys of another form', async () => {
    assert.equal((await put([ROOM, 'a'], key({ first_message_index: -1 }))).body.errcode, 'M_BAD_JSON');
    assert.equal((await put([ROOM, 'a'], { ...key(), is_verified: 'yes' })).body.errcode, 'M_BAD_JSON');
    assert.equal((await put([ROOM], {})).body.errcode, 'M_MISSING_PARAM');
    assert.equal((await alice.ask('GET', path())).body.errcode, 'M_MISSING_PARAM');
  });
});
