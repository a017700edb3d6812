import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { DiskBlobs } from '../../../src/storage/media/disk-blobs.ts';
import { systemRandom } from '../../../src/util/random.ts';
import { TestClock } from '../../support/test-clock.ts';

describe('DiskBlobs', () => {
  const clock = new TestClock(Date.UTC(2090, 0, 1));
  let folder: string;
  let blobs: DiskBlobs;
  const read = async (key: string, range?: { start: number; end: number }) => {
    const bytes = await blobs.read(key, range);
    return bytes && text(bytes);
  };

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'igchat-blobs-'));
    blobs = await DiskBlobs.open(folder, systemRandom, clock);
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('reads what it wrote, whole and in part, and knows its size and hash', async () => {
    const { size, sha256 } = await blobs.write(
      'local/abcdefgh',
      Readable.from([Buffer.from('abc'), Buffer.from('def')]),
    );
    assert.equal(size, 6);
    assert.equal(sha256, 'bef57ec7f53a6d40beb640a780a639c83bc29ac8a9816f1fc6c5c6dcd93c4721');
    assert.equal(await read('local/abcdefgh'), 'abcdef');
    assert.equal(await read('local/abcdefgh', { start: 1, end: 3 }), 'bcd');
  });

  it('replaces, removes, and has nothing of what it never got', async () => {
    await blobs.write('thumbnails/abcdefgh/32x32-crop', Buffer.from('one'));
    await blobs.write('thumbnails/abcdefgh/32x32-crop', Buffer.from('two'));
    assert.equal(await read('thumbnails/abcdefgh/32x32-crop'), 'two');
    await blobs.remove('thumbnails/abcdefgh/32x32-crop');
    await blobs.remove('thumbnails/abcdefgh/32x32-crop');
    assert.equal(await read('thumbnails/abcdefgh/32x32-crop'), undefined);
  });

  it('leaves nothing of a write that fails half way', async () => {
    const source = new Readable({
      read() {
        this.push('half');
        this.destroy(new Error('gone'));
      },
    });
    await assert.rejects(blobs.write('local/abcdefgh', source), /gone/);
    assert.equal(await read('local/abcdefgh'), undefined);
    assert.deepEqual(readdirSync(join(folder, 'unfinished')), []);
  });

  it('refuses keys that would lead elsewhere', async () => {
    for (const key of ['local/../../etc', 'local/abc', '/etc/passwd', 'local/abcdefgh/../x', 'local/abcdefgh/']) {
      await assert.rejects(blobs.write(key, Buffer.from('x')), /not the key/, key);
    }
  });

  it('sweeps away what a crash has left, a day later', async () => {
    writeFileSync(join(folder, 'unfinished', 'left'), 'x');
    const young = await DiskBlobs.open(folder, systemRandom, new TestClock(0));
    await young.sweep();
    assert.deepEqual(readdirSync(join(folder, 'unfinished')), ['left']);
    await blobs.sweep();
    assert.deepEqual(readdirSync(join(folder, 'unfinished')), []);
  });
});
