import { constants } from 'node:fs';
import { copyFile, link, mkdir, readdir, stat } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';

/** A stored file, by its path in the folder of the files. */
export interface StoredFile {
  readonly path: string;
  /** Bytes. */
  readonly size: number;
}

/** What is being written is no file yet. */
const UNFINISHED = 'unfinished';

/** The stored files below a folder; none if there is no such folder. */
export async function* storedFiles(folder: string): AsyncGenerator<StoredFile> {
  yield* below(folder, folder);
}

async function* below(root: string, folder: string): AsyncGenerator<StoredFile> {
  let entries: Awaited<ReturnType<typeof list>>;
  try {
    entries = await list(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.isDirectory() && !(folder === root && entry.name === UNFINISHED)) yield* below(root, path);
    else if (entry.isFile()) yield { path: relative(root, path), size: (await stat(path)).size };
  }
}

async function list(folder: string) {
  return (await readdir(folder, { withFileTypes: true })).sort((a, b) => (a.name < b.name ? -1 : 1));
}

/**
 * Puts a stored file into another folder: as a second name of the same data where the file system can, for stored files
 * are never changed. Leaves one alone that is there.
 */
export async function copyStoredFile(path: string, from: string, to: string): Promise<void> {
  const target = join(to, path);
  await mkdir(dirname(target), { recursive: true });
  try {
    await link(join(from, path), target);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return;
    if (code !== 'EXDEV' && code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'EMLINK') throw error;
    await copyFile(join(from, path), target, constants.COPYFILE_FICLONE);
  }
}
