import assert from 'node:assert/strict';
import { CrossSigningMaker, KeyMaker } from '../../../support/device-key-maker.ts';
import {
  startTestHomeserver,
  TEST_PASSWORD,
  type TestHomeserver,
  type TestUser,
} from '../../../support/test-homeserver.ts';

describe('POST /keys/device_signing/upload', () => {
  let server: TestHomeserver;
  let alice: TestUser;
  let keys: CrossSigningMaker;

  before(async () => {
    server = await startTestHomeserver();
  });
  after(() => server.stop());
  let count = 0;
  beforeEach(async () => {
    count += 1;
    alice = await server.register(`alice${count}`);
    keys = new CrossSigningMaker(alice.userId);
  });

  const upload = (body: object) => alice.ask('POST', '/v3/keys/device_signing/upload', body);
  const masterKey = async () => {
    const { body } = await alice.ask('POST', '/v3/keys/query', { device_keys: { [alice.userId]: [] } });
    return Object.values(body.master_keys[alice.userId]?.keys ?? {})[0];
  };

  it('takes the first keys, and the same keys again, without asking who it is', async () => {
    for (let i = 0; i < 2; i++) assert.deepEqual((await upload(keys.upload)).body, {});
    assert.equal(await masterKey(), keys.master.publicKey);
  });

  it('asks for the password before it replaces keys', async () => {
    await upload(keys.upload);
    const next = new CrossSigningMaker(alice.userId, 2);
    const question = await upload(next.upload);
    assert.equal(question.status, 401);
    assert.deepEqual(question.body.flows, [{ stages: ['m.login.password'] }]);
    assert.equal(await masterKey(), keys.master.publicKey);
    const auth = {
      type: 'm.login.password',
      session: question.body.session,
      identifier: { type: 'm.id.user', user: alice.userId },
      password: TEST_PASSWORD,
    };
    assert.equal((await upload({ ...next.upload, auth: { ...auth, password: 'wrong' } })).status, 401);
    assert.equal((await upload({ ...next.upload, auth })).status, 200);
    assert.equal(await masterKey(), next.master.publicKey);
  });

  it('asks for the password before it adds a key to those that are there', async () => {
    await upload({ master_key: keys.masterKey });
    assert.equal((await upload({ self_signing_key: keys.upload.self_signing_key })).status, 401);
  });

  it('wants a master key first', async () => {
    const answer = await upload({ self_signing_key: keys.upload.self_signing_key });
    assert.equal(answer.status, 400);
    assert.equal(answer.body.errcode, 'M_MISSING_PARAM');
  });

  it('wants the other keys to be signed by the master key', async () => {
    const stranger = new CrossSigningMaker(alice.userId, 3);
    const answer = await upload({ ...keys.upload, self_signing_key: stranger.upload.self_signing_key });
    assert.equal(answer.status, 400);
    assert.equal(answer.body.errcode, 'M_INVALID_SIGNATURE');
  });

  it('refuses keys of somebody else, without usage, or that are none', async () => {
    const of = (changes: object) => upload({ master_key: { ...keys.masterKey, ...changes } });
    for (const changes of [
      { user_id: '@bob:test.example' },
      { usage: ['self_signing'] },
      { keys: {} },
      { keys: { 'ed25519:other': keys.master.publicKey } },
      { keys: { 'ed25519:short': 'short' } },
      { keys: { ...(keys.masterKey['keys'] as object), more: 'keys' } },
    ]) {
      const answer = await of(changes);
      assert.equal(answer.status, 400, JSON.stringify(changes));
      assert.equal(answer.body.errcode, 'M_INVALID_PARAM');
    }
  });

  it('refuses a key whose id is that of a device', async () => {
    const device = new KeyMaker('a device called like a key').publicKey;
    await server.login(`alice${count}`, device);
    const master_key = { user_id: alice.userId, usage: ['master'], keys: { [`ed25519:${device}`]: device } };
    const answer = await upload({ master_key });
    assert.equal(answer.status, 403);
    assert.equal(answer.body.errcode, 'M_FORBIDDEN');
  });
});
