import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import type { Clock } from '../../util/clock.ts';
import type { Random } from '../../util/random.ts';
import type { BlobStore, ByteRange, WrittenBlob } from '../contract/blobs.ts';
import { StorageUnavailableError } from '../contract/write-set.ts';

const KEY = /^([a-z0-9-]+)\/([A-Za-z0-9_-]{8,255})(?:\/([a-z0-9-]+))?$/;
/** What the file system says when it takes no more. */
const FULL = new Set(['ENOSPC', 'EDQUOT', 'EROFS']);
/** A file that is being written is not touched for this long at most. */
const ABANDONED_AFTER_MS = 24 * 3_600_000;

/** Files in a folder of this machine, spread over subfolders so that none grows large. */
export class DiskBlobs implements BlobStore {
  private readonly folder: string;
  private readonly temporary: string;
  private readonly random: Random;
  private readonly clock: Clock;

  private constructor(folder: string, random: Random, clock: Clock) {
    this.folder = folder;
    this.temporary = join(folder, 'unfinished');
    this.random = random;
    this.clock = clock;
  }

  static async open(folder: string, random: Random, clock: Clock): Promise<DiskBlobs> {
    const blobs = new DiskBlobs(folder, random, clock);
    await mkdir(blobs.temporary, { recursive: true });
    return blobs;
  }

  async write(key: string, source: Readable | Uint8Array): Promise<WrittenBlob> {
    const path = this.pathOf(key);
    const unfinished = join(this.temporary, this.random.token(24));
    try {
      const written = await writeFile(unfinished, source);
      await mkdir(dirname(path), { recursive: true });
      await rename(unfinished, path);
      await syncFolder(dirname(path));
      return written;
    } catch (error) {
      await rm(unfinished, { force: true });
      const { code = '' } = error as NodeJS.ErrnoException;
      throw FULL.has(code) ? new StorageUnavailableError(`no file can be written: ${code}`) : error;
    }
  }

  async read(key: string, range?: ByteRange): Promise<Readable | undefined> {
    const file = await openIfThere(this.pathOf(key));
    return file?.createReadStream(range);
  }

  async remove(key: string): Promise<void> {
    await rm(this.pathOf(key), { force: true });
  }

  async sweep(): Promise<void> {
    for (const name of await readdir(this.temporary)) {
      const path = join(this.temporary, name);
      const { mtimeMs } = await stat(path);
      if (this.clock.now() - mtimeMs > ABANDONED_AFTER_MS) await rm(path, { force: true });
    }
  }

  private pathOf(key: string): string {
    const [, folder, id, name] = KEY.exec(key) ?? [];
    if (folder === undefined || id === undefined) throw new Error(`${key} is not the key of a blob`);
    const file = name === undefined ? id.slice(4) : join(id.slice(4), name);
    return join(this.folder, folder, id.slice(0, 2), id.slice(2, 4), file);
  }
}

async function writeFile(path: string, source: Readable | Uint8Array): Promise<WrittenBlob> {
  const hash = createHash('sha256');
  let size = 0;
  const file = await open(path, 'wx');
  try {
    for await (const chunk of source instanceof Readable ? source : [source]) {
      const bytes = chunk as Uint8Array;
      hash.update(bytes);
      size += bytes.length;
      await writeAll(file, bytes);
    }
    await file.sync();
  } finally {
    await file.close();
  }
  return { size, sha256: hash.digest('hex') };
}

async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    done += (await file.write(bytes, done)).bytesWritten;
  }
}

/** Makes the name of a file as durable as its content. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, constants.O_RDONLY);
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

async function openIfThere(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
