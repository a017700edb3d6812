import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

const IMPORT = /^(?:import|export)\b[^'";]*['"](\.[^'"]+)['"]/gm;
const known = new Map<string, readonly string[]>();

/** A built file and all below `folder` that it imports, itself or through others. */
export function reachedFiles(file: string, folder: string): ReadonlySet<string> {
  const reached = new Set([file]);
  for (const each of reached) {
    for (const next of importsOf(each)) if (next.startsWith(`${folder}/`)) reached.add(next);
  }
  return reached;
}

function importsOf(file: string): readonly string[] {
  const before = known.get(file);
  if (before !== undefined) return before;
  const matches = readFileSync(file, 'utf8').matchAll(IMPORT);
  // A text may look like an import and be none.
  const files = [...matches].map(([, path = '']) => resolve(dirname(file), path)).filter((path) => existsSync(path));
  known.set(file, files);
  return files;
}
