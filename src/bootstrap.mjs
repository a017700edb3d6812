#!/usr/bin/env -S node --max-semi-space-size=8
/**
 * What stands behind `npm start`, `npm test`, `npm run bench` and `igchat`: plain JavaScript that installs the
 * dependencies and builds where that is needed, says in one line what the machine lacks, and then runs the command.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  closeSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
const at = (...parts) => join(root, ...parts);
const SOURCES = ['src', 'spec-tests', 'migrations'];

const say = (line) => process.stderr.write(`igchat: ${line}\n`);

/** Ends with one line that says what to do. */
class Lacking extends Error {}

function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  throw new Lacking(`Node.js ${process.versions.node} is too old: 20.19 or newer is needed (https://nodejs.org)`);
}

// ---- Dependencies ----------------------------------------------------------------------------------------------

/** Changes when the dependencies must be installed again: another lock file, another binary interface of Node. */
function lockStamp() {
  const hash = createHash('sha256').update(readFileSync(at('package-lock.json')));
  return `${hash.digest('hex')} ${process.versions.modules} ${process.platform}-${process.arch}`;
}

/** Whether somebody has run `npm ci` himself: npm leaves its own lock file behind. */
function installedByHand() {
  const file = at('node_modules', '.package-lock.json');
  if (!existsSync(file)) return false;
  const installed = JSON.parse(readFileSync(file, 'utf8')).packages;
  const wanted = Object.entries(JSON.parse(readFileSync(at('package-lock.json'), 'utf8')).packages);
  return wanted.every(
    ([name, { version, optional, dev }]) => name === '' || optional || dev || installed[name]?.version === version,
  );
}

function works(command, ...args) {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0;
}

/** The folder in whose `include/node` lie the headers of this Node, if the machine has them. */
function headersFolder() {
  return [dirname(dirname(process.execPath)), '/usr'].find((folder) => {
    const file = join(folder, 'include', 'node', 'node_version.h');
    if (!existsSync(file)) return false;
    const major = /#define NODE_MAJOR_VERSION (\d+)/.exec(readFileSync(file, 'utf8'))?.[1];
    return major === process.versions.node.split('.')[0];
  });
}

/** What compiling a native module needs and this machine does not have. */
function missingTools() {
  const missing = [];
  if (!works('python3', '--version')) missing.push('Python 3');
  if (!works('make', '--version')) missing.push('make');
  if (!works('c++', '--version') && !works('g++', '--version')) missing.push('a C++ compiler');
  if (headersFolder() === undefined) missing.push('the headers of Node.js (/usr/include/node)');
  return missing;
}

function install() {
  // A linked folder belongs to another checkout, and npm would empty it.
  if (lstatSync(at('node_modules'), { throwIfNoEntry: false })?.isSymbolicLink()) return;
  const stampFile = at('node_modules', '.igchat-stamp');
  const stamp = lockStamp();
  const before = existsSync(stampFile) ? readFileSync(stampFile, 'utf8') : undefined;
  if (before === stamp) return;
  const sameBinaries = before === undefined || before.split(' ').slice(1).join() === stamp.split(' ').slice(1).join();
  if (!sameBinaries || !installedByHand()) {
    say('installing dependencies (once; a minute or two)');
    const env = { ...process.env };
    const headers = headersFolder();
    if (headers !== undefined) env.npm_config_nodedir ??= headers;
    const npm = process.env.npm_execpath ? [process.execPath, process.env.npm_execpath] : ['npm'];
    const [command, ...args] = [...npm, 'ci', '--include=dev', '--loglevel=error'];
    const result = spawnSync(command, args, { cwd: root, env, encoding: 'utf8', maxBuffer: 1 << 28 });
    if (result.status !== 0) {
      process.stderr.write(`${result.stdout ?? ''}${result.stderr ?? ''}`);
      const missing = missingTools();
      if (result.error?.code === 'ENOENT') missing.unshift('npm');
      throw new Lacking(
        missing.length > 0 ? `missing on this machine: ${missing.join(', ')}` : 'npm ci failed; see above',
      );
    }
  }
  writeFileSync(stampFile, stamp);
}

// ---- Build -----------------------------------------------------------------------------------------------------

function* filesBelow(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* filesBelow(path);
    else if (entry.isFile()) yield path;
  }
}

/** Changes when a source file does. */
function sourceStamp() {
  const hash = createHash('sha256');
  const files = SOURCES.filter((folder) => existsSync(at(folder))).flatMap((folder) => [...filesBelow(at(folder))]);
  for (const path of [...files.sort(), at('tsconfig.json'), at('package-lock.json')]) {
    const { mtimeMs, size } = statSync(path);
    hash.update(`${path} ${mtimeMs} ${size}\n`);
  }
  return hash.digest('hex');
}

/** Runs `work` while no other process of this folder does. */
function exclusively(work) {
  const lock = at('node_modules', '.igchat-build-lock');
  for (;;) {
    try {
      const file = openSync(lock, 'wx');
      writeSync(file, String(process.pid));
      closeSync(file);
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
      if (!holderLives(lock)) rmSync(lock, { force: true });
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
    }
  }
  try {
    return work();
  } finally {
    rmSync(lock, { force: true });
  }
}

// A holder in another container has a number that says nothing here.
const LONGEST_BUILD = 180_000;

function holderLives(lock) {
  try {
    if (Date.now() - statSync(lock).mtimeMs > LONGEST_BUILD) return false;
    process.kill(Number(readFileSync(lock, 'utf8')) || process.pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM' || error.code === 'ENOENT';
  }
}

/** The rest goes into the build as it is: fixtures, scripts, pages. */
const NOT_COPIED = /\.[cm]?ts$|\/(bootstrap|start-homeserver)\.mjs$/;

/** Compiles into a new folder and puts it in the place of the old one: a running server keeps its files open. */
function compile(stamp) {
  const fresh = at(`dist.${process.pid}`);
  mkdirSync(fresh, { recursive: true });
  const tsc = at('node_modules', 'typescript', 'bin', 'tsc');
  const result = spawnSync(process.execPath, [tsc, '-p', at('tsconfig.json'), '--outDir', fresh], { stdio: 'inherit' });
  for (const folder of SOURCES.filter((name) => existsSync(at(name)))) {
    cpSync(at(folder), join(fresh, folder), {
      recursive: true,
      filter: (path) => statSync(path).isDirectory() || !NOT_COPIED.test(path),
    });
  }
  writeFileSync(join(fresh, '.stamp'), `${stamp} ${result.status}`);
  const old = at(`dist.${process.pid}.old`);
  if (existsSync(at('dist'))) renameSync(at('dist'), old);
  renameSync(fresh, at('dist'));
  rmSync(old, { recursive: true, force: true });
  return result.status === 0;
}

/** Builds if a source has changed; false if the types do not check (the JavaScript is there all the same). */
function build() {
  return exclusively(() => {
    const stamp = sourceStamp();
    const file = at('dist', '.stamp');
    const [built, status] = existsSync(file) ? readFileSync(file, 'utf8').split(' ') : [];
    if (built === stamp && status === '0') return true;
    say('building');
    return compile(stamp);
  });
}

/** Makes `dist/` fit the sources. @returns whether the types check */
export function prepare() {
  checkNode();
  install();
  return build();
}

// ---- Commands --------------------------------------------------------------------------------------------------

/** Goes on as the program `file` of the build, in this process. */
export async function become(file, args) {
  const path = at('dist', file);
  process.argv = [process.execPath, path, ...args];
  await import(pathToFileURL(path).href);
}

async function run([command, ...args]) {
  const typesCheck = prepare();
  if (command === 'test')
    return become('spec-tests/support/run-tests.js', [...(typesCheck ? [] : ['--types-wrong']), ...args]);
  if (!typesCheck) throw new Lacking('the build failed; see above');
  if (command === 'bench') return become('spec-tests/support/run-benches.js', args);
  const configured = args.some((arg) => /^(-c|--config|--help|-h)(=|$)/.test(arg));
  const standard = command === 'start' && !configured && existsSync(at('homeserver.yaml'));
  const config = standard && process.env.IGCHAT_CONFIG === undefined ? ['--config', at('homeserver.yaml')] : [];
  return become('src/main.js', command === undefined ? [] : [command, ...config, ...args]);
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  try {
    await run(process.argv.slice(2));
  } catch (error) {
    if (!(error instanceof Lacking)) throw error;
    say(error.message);
    process.exitCode = 1;
  }
}
