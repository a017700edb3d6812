import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** A program that a test can use and that a machine may lack. */
export interface Tool {
  /** As in `TOOLS_UNAVAILABLE`. */
  readonly name: string;
  /** How to get it. */
  readonly install: string;
  /** The path of its executable; undefined where it is missing. */
  find(): string | undefined;
}

function onPath(...names: string[]): string | undefined {
  for (const name of names) {
    const { status, stdout } = spawnSync('sh', ['-c', 'command -v "$0"', name], { encoding: 'utf8' });
    if (status === 0 && stdout.trim() !== '') return stdout.trim();
  }
  return undefined;
}

export const chromium: Tool = {
  name: 'chromium',
  install: 'apt-get install chromium',
  find: () => onPath('chromium', 'chromium-browser', 'google-chrome'),
};

export const redis: Tool = {
  name: 'redis-server',
  install: 'apt-get install redis-server',
  find: () => onPath('redis-server'),
};

export const curl: Tool = {
  name: 'curl',
  install: 'apt-get install curl',
  find: () => onPath('curl'),
};

export const synapse: Tool = {
  name: 'synapse',
  install: 'a virtual environment with matrix-synapse, its python in SYNAPSE_PYTHON',
  find() {
    const python = process.env['SYNAPSE_PYTHON'];
    return python !== undefined && existsSync(python) ? python : undefined;
  },
};

export const dendrite: Tool = {
  name: 'dendrite',
  install: 'go install of github.com/element-hq/dendrite/cmd/{dendrite,generate-keys}, their folder in DENDRITE_BIN',
  find() {
    const folder = process.env['DENDRITE_BIN'];
    return folder !== undefined && existsSync(join(folder, 'dendrite')) ? folder : undefined;
  },
};

/**
 * The path of a tool. Where it is missing, the suite or test is skipped with one line that says so; under `CI`, where
 * everything should be there, it fails, unless `TOOLS_UNAVAILABLE` says that it could not be installed.
 */
export function needs(context: Mocha.Context, tool: Tool): string {
  const path = tool.find();
  if (path !== undefined) return path;
  const title = (context.currentTest ?? context.test)?.fullTitle() ?? '';
  const unavailable = (process.env['TOOLS_UNAVAILABLE'] ?? '').split(/\s+/).includes(tool.name);
  if (process.env['CI'] === 'true' && !unavailable) throw new Error(`${tool.name} is missing: ${tool.install}`);
  console.log(
    `  skipped: ${title.replace(/ "before (all|each)" hook.*/, '')}: ${tool.name} is missing (${tool.install})`,
  );
  return context.skip();
}
