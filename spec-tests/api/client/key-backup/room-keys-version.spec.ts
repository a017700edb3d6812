import assert from 'node:assert/strict';
import { startTestHomeserver, type TestHomeserver, type TestUser } from '../../../support/test-homeserver.ts';

const ALGORITHM = 'm.megolm_backup.v1.curve25519-aes-sha2';

describe('/room_keys/version', () => {
  let server: TestHomeserver;
  let alice: TestUser;
  let count = 0;

  before(async () => {
    server = await startTestHomeserver({ limits: { key_backup_versions_per_user: 3 } });
  });
  after(() => server.stop());
  beforeEach(async () => {
    count += 1;
    alice = await server.register(`alice${count}`);
  });

  const create = (public_key = 'key') =>
    alice.ask('POST', '/v3/room_keys/version', { algorithm: ALGORITHM, auth_data: { public_key } });
  const get = (version = '') => alice.ask('GET', `/v3/room_keys/version${version && `/${version}`}`);
  const remove = (version: string) => alice.ask('DELETE', `/v3/room_keys/version/${version}`);

  it('answers 404 without a backup', async () => {
    const answer = await get();
    assert.equal(answer.status, 404);
    assert.equal(answer.body.errcode, 'M_NOT_FOUND');
  });

  it('makes versions, of which the newest is current', async () => {
    assert.deepEqual((await create('one')).body, { version: '1' });
    assert.deepEqual((await create('two')).body, { version: '2' });
    const info = { algorithm: ALGORITHM, count: 0, etag: '0' };
    assert.deepEqual((await get()).body, { ...info, version: '2', auth_data: { public_key: 'two' } });
    assert.deepEqual((await get('1')).body, { ...info, version: '1', auth_data: { public_key: 'one' } });
    assert.equal((await get('3')).status, 404);
    assert.equal((await get('01')).status, 404);
  });

  it('keeps versions apart that are made at the same time', async () => {
    const versions = (await Promise.all([create(), create(), create()])).map((answer) => answer.body.version);
    assert.deepEqual(versions.toSorted(), ['1', '2', '3']);
  });

  it('changes the data of a version, and nothing else of it', async () => {
    await create();
    const put = (version: string, body: object) => alice.ask('PUT', `/v3/room_keys/version/${version}`, body);
    const body = { algorithm: ALGORITHM, auth_data: { public_key: 'new' } };
    assert.deepEqual((await put('1', { ...body, version: '1' })).body, {});
    assert.deepEqual((await get()).body.auth_data, { public_key: 'new' });
    assert.equal((await put('1', { ...body, version: '2' })).body.errcode, 'M_INVALID_PARAM');
    assert.equal((await put('1', { ...body, algorithm: 'other' })).body.errcode, 'M_INVALID_PARAM');
    assert.equal((await put('2', body)).body.errcode, 'M_NOT_FOUND');
  });

  it('deletes a version for good', async () => {
    await create('one');
    await create('two');
    for (let i = 0; i < 2; i++) assert.deepEqual((await remove('2')).body, {});
    assert.equal((await get()).body.version, '1');
    assert.equal((await get('2')).status, 404);
    assert.equal((await remove('9')).body.errcode, 'M_NOT_FOUND');
    assert.deepEqual((await create()).body, { version: '3' });
  });

  it('has a bound for the versions of a user', async () => {
    for (let i = 0; i < 3; i++) await create();
    assert.equal((await create()).status, 403);
    await remove('1');
    assert.equal((await create()).status, 200);
  });

  it('is served under the paths of earlier versions of the specification', async () => {
    await create();
    for (const prefix of ['r0', 'unstable']) {
      assert.equal((await alice.ask('GET', `/${prefix}/room_keys/version`)).body.version, '1');
    }
  });
});
