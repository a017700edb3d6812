import { strict as assert } from 'node:assert';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { igchat } from '../support/command-line.ts';
import { writeConfiguration } from '../support/configuration-file.ts';
import { engine, type TestEngine } from '../support/engines.ts';
import { startTestHomeserver, type TestHomeserver, type TestUser } from '../support/test-homeserver.ts';

const FILE = Buffer.from('a file');

describe('igchat backup and restore', () => {
  let original: TestHomeserver;
  let alice: TestUser;
  let roomId = '';
  let mediaId = '';
  let folder = '';
  let fresh: TestEngine;
  let freshFile = '';

  before(async () => {
    original = await startTestHomeserver();
    alice = await original.register('alice');
    roomId = (await alice.ask('POST', '/v3/createRoom', { preset: 'private_chat' })).body.room_id;
    await say('before the backup');
    const keys = { 'signed_curve25519:AAAA': { key: 'a', signatures: { [alice.userId]: { x: 'y' } } } };
    await alice.ask('POST', '/v3/keys/upload', { one_time_keys: keys });
    const upload = await fetch(`${original.url}/_matrix/media/v3/upload`, {
      method: 'POST',
      headers: { authorization: `Bearer ${alice.accessToken}`, 'content-type': 'text/plain' },
      body: FILE,
    });
    mediaId =
      String(((await upload.json()) as { content_uri: string }).content_uri)
        .split('/')
        .at(-1) ?? '';
    folder = join(original.engine.folder, 'backup');
    fresh = await engine();
    freshFile = writeConfiguration(fresh);
  });
  after(async () => {
    await original.stop();
    await fresh.drop();
  });

  const say = (body: string) =>
    alice.ask('PUT', `/v3/rooms/${roomId}/send/m.room.message/${body.replaceAll(' ', '')}`, {
      msgtype: 'm.text',
      body,
    });

  it('copies everything into a folder while the server runs', async () => {
    const { code, stdout, stderr } = await igchat([
      ...['backup', folder, '--config', writeConfiguration(original.engine)],
    ]);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /backup: \d+ rows and 1 media files of test\.example\n$/);
    const manifest = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8'));
    assert.equal(manifest.server_name, 'test.example');
    assert.equal(manifest.rows.users, 1);
    assert.deepEqual(manifest.media, { files: 1, bytes: FILE.length });
    const key = readFileSync(original.engine.config().signingKey, 'utf8');
    assert.equal(readFileSync(join(folder, 'signing.key'), 'utf8'), key);
    assert.ok(!existsSync(`${folder}.unfinished`));
  });

  it('leaves a folder alone that is there', async () => {
    const { code, stderr } = await igchat(['backup', folder, '--config', writeConfiguration(original.engine)]);
    assert.deepEqual([code, stderr], [1, `igchat: ${folder} is there already\n`]);
  });

  it('refuses to restore the backup of another server', async () => {
    const other = writeConfiguration(fresh, { server_name: 'other.example' }, 'other.yaml');
    const { code, stderr } = await igchat(['restore', folder, '--config', other]);
    assert.equal(code, 1);
    assert.match(stderr, /^igchat: the backup is of test\.example, and the configuration of other\.example\n/);
  });

  it('refuses what is no backup', async () => {
    const { code, stderr } = await igchat(['restore', fresh.folder, '--config', freshFile]);
    assert.equal(code, 1);
    assert.match(stderr, /is not a backup: cannot read manifest\.json: there is no such file/);
  });

  it('restores what there was, and warns of one-time keys', async () => {
    await say('after the backup');
    const { code, stdout, stderr } = await igchat(['restore', folder, '--config', freshFile]);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^restored test\.example as of .*: \d+ rows, 1 media files\n$/);
    assert.match(stderr, /Warning: .*one-time keys[\s\S]*the 1 one-time keys in it are retired/);
  });

  it('does not overwrite a database', async () => {
    const { code, stderr } = await igchat(['restore', folder, '--config', freshFile]);
    assert.equal(code, 1);
    assert.match(stderr, /there is a database already|is not empty/);
  });

  describe('the restored server', () => {
    let restored: TestHomeserver;
    let ask: TestUser['ask'];
    before(async () => {
      restored = await startTestHomeserver({}, fresh);
      ask = (method, path, body) =>
        restored.ask(method, path, { token: alice.accessToken, ...(body === undefined ? {} : { body }) });
    });
    after(() => restored.stop());

    it('knows sessions, rooms and messages from before the backup', async () => {
      const { body } = await ask('GET', `/v3/rooms/${roomId}/messages?dir=b&limit=1`);
      assert.equal(body.chunk[0].content.body, 'before the backup');
    });

    it('has the files', async () => {
      const { status } = await ask('GET', `/v1/media/download/test.example/${mediaId}`);
      assert.equal(status, 200);
    });

    it('signs with the same key', () => {
      assert.equal(restored.homeserver.services.signingKey.keyId, original.homeserver.services.signingKey.keyId);
    });

    it('gives out no one-time key that may have been given out', async () => {
      const claim = { one_time_keys: { [alice.userId]: { [alice.deviceId]: 'signed_curve25519' } } };
      const { body } = await ask('POST', '/v3/keys/claim', claim);
      assert.deepEqual(body.one_time_keys, {});
    });

    it('brings what is new to clients whose tokens are from after the backup', async () => {
      const since = (await alice.ask('GET', '/v3/sync')).body.next_batch;
      await ask('PUT', `/v3/rooms/${roomId}/send/m.room.message/t9`, { msgtype: 'm.text', body: 'new' });
      const { body } = await ask('GET', `/v3/sync?since=${since}`);
      const { events } = body.rooms.join[roomId].timeline;
      assert.equal(events.at(-1).content.body, 'new');
    });
  });

  it('finds out that a file of the backup is damaged', async () => {
    const path = readFileSync(join(folder, 'media.txt'), 'utf8').trim().split(' ')[1] ?? '';
    rmSync(join(folder, 'media', path));
    writeFileSync(join(folder, 'media', path), 'a');
    const { code, stderr } = await igchat(['restore', folder, '--config', freshFile]);
    assert.equal(code, 1);
    assert.match(stderr, /the backup is damaged: media\/.* is not whole/);
  });
});
