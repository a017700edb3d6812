/** What stands behind `npm test`: lint, then the built tests on SQLite and, where the engine matters, on PostgreSQL. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { EngineName } from './engines.ts';
import { startPostgres } from './postgres-cluster.ts';
import { reachedFiles } from './reached-files.ts';
import type { Counts } from './summary-reporter.ts';

const DIST = resolve(dirname(fileURLToPath(import.meta.url)), '..', '..');
const ROOT = dirname(DIST);
const SPECS = join(DIST, 'spec-tests');

/** What comes near a database imports this, itself or through others: it runs once for each engine, */
const ENGINES = join(SPECS, 'support', 'engines.js');

/** but for pages in a browser: what these ask a server for is tried on both by the tests of the endpoints. */
const ONCE = ['api/pages/login', 'live/client'].map((name) => join(SPECS, name));

/** Folders whose tests take long, which come first so that no process is left with one of them at the end. */
const LONG = ['federation', 'clients', 'live', 'conformance', 'api'].map((name) => join(SPECS, name));

const USAGE = `npm test -- [--engine sqlite|postgres] [--grep TEXT] [--jobs N] [--no-lint] [PATH…]
PATH: a folder or file of spec-tests/`;

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    engine: { type: 'string' },
    grep: { type: 'string' },
    jobs: { type: 'string' },
    'no-lint': { type: 'boolean', default: false },
    'types-wrong': { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

const total: Counts = { passed: 0, failed: 0, skipped: 0 };

function check(name: string, passed: boolean): void {
  console.log(`  ${passed ? '✔' : '✖'} ${name}`);
  total[passed ? 'passed' : 'failed']++;
}

/** @returns its status, or the signal by which it ended */
async function runNode(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<number | NodeJS.Signals> {
  const child = spawn(process.execPath, args, { cwd: ROOT, env: { ...process.env, ...env }, stdio: 'inherit' });
  const forward = (signal: NodeJS.Signals) => child.kill(signal);
  process.on('SIGTERM', forward);
  const [code, signal]: (number | NodeJS.Signals)[] = await once(child, 'exit');
  process.off('SIGTERM', forward);
  return code ?? signal ?? 1;
}

/** The built counterpart of a path of the sources. */
function builtPath(path: string): string {
  const source = relative(ROOT, resolve(process.env['INIT_CWD'] ?? process.cwd(), path));
  const built = join(DIST, source.replace(/\.ts$/, '.js'));
  if (!existsSync(built)) throw new Error(`there is no ${source}`);
  return built;
}

/** The files with tests at or below a path, if there is such a path. */
function specsIn(path: string): string[] {
  if (!existsSync(path)) return [];
  if (path.endsWith('.js')) return [path];
  const names = readdirSync(path, { recursive: true }).map(String);
  return names
    .filter((name) => name.endsWith('.spec.js'))
    .sort()
    .map((name) => join(path, name));
}

const isIn = (file: string, path: string): boolean =>
  file === path || file === `${path}.spec.js` || file.startsWith(`${path}/`);

/** The files to run on an engine: on PostgreSQL those that come near it, unless it is the one that was asked for. */
function testsFor(engine: EngineName): string[] {
  const all = (positionals.length > 0 ? positionals.map(builtPath) : [SPECS]).flatMap(specsIn);
  if (engine === 'sqlite' || options.engine !== undefined) return all;
  const near = all.filter((file) => !ONCE.some((path) => isIn(file, path)) && reachedFiles(file, SPECS).has(ENGINES));
  return [...new Set([...LONG.flatMap((path) => near.filter((file) => isIn(file, path))), ...near])];
}

async function runMocha(engine: EngineName, env: Readonly<Record<string, string>>): Promise<void> {
  const tests = testsFor(engine);
  if (tests.length === 0) return;
  console.log(`\nTests on ${engine === 'sqlite' ? 'SQLite' : 'PostgreSQL'}:`);
  const folder = mkdtempSync(join(tmpdir(), 'igchat-run-'));
  const output = join(folder, 'counts.json');
  const jobs = options.jobs ?? String(Math.min(4, Math.max(2, availableParallelism())));
  const parallel = jobs === '1' ? [] : ['--parallel', '--jobs', jobs];
  const grep = options.grep === undefined ? [] : ['--grep', options.grep];
  const reporter = ['--reporter', join(SPECS, 'support', 'summary-reporter.js')];
  const mocha = join(ROOT, 'node_modules', 'mocha', 'bin', 'mocha.js');
  const args = [...parallel, ...grep, ...reporter, '--reporter-option', `output=${output}`, '--timeout', '20000'];
  const code = await runNode(['--enable-source-maps', mocha, ...args, ...tests], { ...env, DATABASE: engine });
  const counts: Counts | undefined = existsSync(output) ? JSON.parse(readFileSync(output, 'utf8')) : undefined;
  rmSync(folder, { recursive: true });
  if (counts === undefined) check(`mocha ended with ${code} before the tests did`, false);
  total.passed += counts?.passed ?? 0;
  total.failed += counts?.failed ?? 0;
  total.skipped += counts?.skipped ?? 0;
  if (counts !== undefined && code !== 0 && counts.failed === 0) check(`mocha ended with ${code}`, false);
}

async function onPostgres(): Promise<void> {
  const none = testsFor('postgres').length === 0;
  if (none && positionals.length === 0) check('Tests come near a database', false);
  if (none) return;
  const cluster = await startPostgres();
  try {
    await runMocha('postgres', { POSTGRES_URL: cluster.url });
  } finally {
    await cluster.stop();
  }
}

async function main(): Promise<void> {
  const engines = ['sqlite', 'postgres'] as const;
  const wanted = engines.filter((name) => options.engine === undefined || options.engine === name);
  if (options.help || wanted.length === 0) {
    console.log(USAGE);
    process.exitCode = options.help ? 0 : 2;
    return;
  }
  check('The types check', !options['types-wrong']);
  if (!options['no-lint']) {
    const biome = join(ROOT, 'node_modules', '@biomejs', 'biome', 'bin', 'biome');
    check('The linter has no complaint', (await runNode([biome, 'check', '--error-on-warnings', '.'])) === 0);
  }
  if (wanted.includes('sqlite')) await runMocha('sqlite', {});
  if (wanted.includes('postgres')) await onPostgres();
  if (total.skipped > 0) console.log(`\n${total.skipped} skipped`);
  console.log(`\n${total.passed} passed, ${total.failed} failed`);
  process.exitCode = total.failed > 0 ? 1 : 0;
}

process.once('SIGINT', () => process.exit(130));
await main();
