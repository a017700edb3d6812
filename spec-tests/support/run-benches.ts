/** What stands behind `npm run bench`: the client-server benchmark on each engine, or a bench of `spec-tests/bench`. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { launchHomeserver } from '../clients/support/launch.ts';
import type { EngineName } from './engines.ts';
import { type PostgresCluster, startPostgres } from './postgres-cluster.ts';

const DIST = resolve(dirname(fileURLToPath(import.meta.url)), '..', '..');
const BENCHES = join(DIST, 'spec-tests', 'bench');
/** A load client that knows nothing of this server, beside the checkout. */
const CLIENT = resolve(process.env['BENCH_DIR'] ?? join(DIST, '..', '..', 'shared', 'bench', 'client-server'));
const SIZE = ['--rooms', '50', '--members', '30', '--msgs', '30'];

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    engine: { type: 'string' },
    runs: { type: 'string', default: '3' },
    scenario: { type: 'string', default: 'all' },
    help: { type: 'boolean', default: false },
  },
});

function own(): string[] {
  if (!existsSync(BENCHES)) return [];
  return readdirSync(BENCHES).flatMap((name) => (name.endsWith('.js') ? basename(name, '.js') : []));
}

function usage(): string {
  return `npm run bench -- [--engine sqlite|postgres] [--runs 3] [--scenario all] | NAME…\nNAME: ${own().join(', ')}`;
}

async function node(args: readonly string[]): Promise<void> {
  const child = spawn(process.execPath, args, { stdio: 'inherit' });
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`${basename(args[0] ?? '')} ended with ${code}`);
}

/** One run of the load client against a fresh server. */
async function runOnce(engine: EngineName, cluster: PostgresCluster | undefined, out: string): Promise<void> {
  const homeserver = await launchHomeserver();
  try {
    const processes = [`--pid=${homeserver.pid}`, ...(cluster === undefined ? [] : [`--pg-pid=${cluster.pid}`])];
    const target = ['--base', homeserver.baseUrl, '--server-name', homeserver.serverName, ...processes];
    const what = ['--scenario', options.scenario, ...SIZE, '--label', `iGChat on ${engine}`, '--out', out];
    await node([join(CLIENT, 'bench.mjs'), ...target, ...what]);
  } finally {
    await homeserver.remove();
  }
}

async function runEngine(engine: EngineName, out: string): Promise<void> {
  const cluster = engine === 'postgres' ? await startPostgres({ durable: true }) : undefined;
  process.env['DATABASE'] = engine;
  if (cluster !== undefined) process.env['POSTGRES_URL'] = cluster.url;
  try {
    for (let run = 1; run <= Number(options.runs); run++) {
      console.error(`${engine}: run ${run} of ${options.runs}`);
      await runOnce(engine, cluster, out);
    }
  } finally {
    await cluster?.stop();
  }
}

async function againstClients(): Promise<void> {
  if (!existsSync(join(CLIENT, 'bench.mjs'))) {
    console.error(`The load client is not there (${CLIENT}); BENCH_DIR names its folder. Other benches:\n${usage()}`);
    process.exitCode = 1;
    return;
  }
  const folder = mkdtempSync(join(tmpdir(), 'igchat-bench-'));
  const out = join(folder, 'results.jsonl');
  const engines = (['sqlite', 'postgres'] as const).filter((name) => (options.engine ?? name) === name);
  for (const engine of engines) await runEngine(engine, out);
  await node([join(CLIENT, 'summary.mjs'), out]);
  rmSync(folder, { recursive: true });
}

async function main(): Promise<void> {
  const unknown = positionals.filter((name) => !own().includes(name));
  if (options.help || unknown.length > 0) {
    console.error(usage());
    process.exitCode = options.help ? 0 : 2;
    return;
  }
  if (positionals.length === 0) return againstClients();
  for (const name of positionals) {
    const bench: { run(): Promise<void> } = await import(pathToFileURL(join(BENCHES, `${name}.js`)).href);
    await bench.run();
  }
}

process.once('SIGINT', () => process.exit(130));
await main();
