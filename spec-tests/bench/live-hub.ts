/**
 * What a live room costs without the homeserver around it: the gateway with admission, order, recovery and heartbeats in
 * a process of its own, under `../shared/bench/live` (or `LIVE_BENCH_DIR`), which is built with Go. Settings that differ from
 * the defaults: caps per address, `display_rate`, and per row the environment of the process. `LIVE_BENCH_ROW` is the one
 * row to run.
 */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const HERE = dirname(fileURLToPath(import.meta.url));
const CLIENT = resolve(process.env['LIVE_BENCH_DIR'] ?? join(HERE, '../../../../shared/bench/live'));
const SERVER = join(HERE, '../live/gateway/hub-process.js');
/** The client sees to it that messages hold their number and time. */
const MARKS = [
  '--n-mark',
  'n=',
  '--ts-mark',
  'ts=',
  '--publish-body',
  '{"msgtype":"m.text","body":"n={{n}} ts={{ts}} {{text}}"}',
];
const PINGS = ['--ping-text', '{"op":"ping"}', '--pong-text', '{"op":"pong"}'];
const HELLO = '{"op":"hello","v":1,"subs":[{"ch":"ch_1"}]}';
const RESUME = '{"op":"hello","v":1,"subs":[{"ch":"ch_1","epoch":"{{epoch}}","seq":{{offset}}}]}';
/** The same as somebody, each viewer as another user. Looking a credential up costs nothing here, as it does in memory. */
const asUser = (hello: string, credential: 'ticket' | 'resume') =>
  hello.replace('"v":1', `"v":1,"${credential}":"ticket-@u{{i}}:bench"`);

/** What a figure of the client has to be at most. */
type Bars = Readonly<Record<string, number>>;
type Figures = Readonly<Record<string, unknown>>;

interface Row {
  readonly name: string;
  readonly viewers: number;
  readonly env?: Record<string, string>;
  readonly args: readonly string[];
  readonly bars: Bars;
  readonly hello?: string;
  /** In the first frame of a viewer that is in. */
  readonly ready?: string;
  /** Figures that follow from those of the client. */
  derived?(figures: Figures): Figures;
}

const size = Number(process.env['LIVE_BENCH_VIEWERS'] ?? 10_000);
const STEADY = ['--rate', '20', '--warmup', '2s', '--duration', '10s'];
const PLAIN = { DEFLATE_FROM: '1000000' };
const LATENCY = { p50_ms: 180, p99_ms: 350 };
const CUT = ['--mode', 'reconnect', '--rate', '20', '--lead', '3s', '--duration', '6s'];
const PLACE = ['--sync-mark', '"rec":true', '--epoch-mark', '"epoch":"', '--offset-mark', '"q":'];
const ROWS: readonly Row[] = [
  {
    ...{ name: 'plain', viewers: size, env: PLAIN, args: STEADY },
    bars: { cpu_us_per_delivery: 2.0, ...LATENCY, publish_p99_ms: 30, rss_bytes_per_viewer: 12 * 1024 },
  },
  {
    ...{ name: 'deflated', viewers: size, args: [...STEADY, '--deflate'] },
    bars: { cpu_us_per_delivery: 2.0, ...LATENCY, bytes_per_delivery: 130 },
  },
  {
    ...{ name: 'a frame a message', viewers: size / 2, env: { TICK_MS: '0', ...PLAIN }, args: STEADY },
    bars: { cpu_us_per_delivery: 7.0 },
  },
  {
    ...{ name: 'deliveries', viewers: size, args: [...STEADY, '--deflate', '--rate', '200'] },
    // Of one core: two million a second.
    bars: { cpu_us_per_delivery: 0.5 },
  },
  {
    ...{ name: 'reconnect', viewers: size, ready: '"op":"joined"', args: [...CUT, '--resume', RESUME, ...PLACE] },
    bars: { storm_seconds: 2.0, lost: 0, duplicate: 0 },
  },
  {
    ...{ name: 'reconnect signed in', viewers: size, ready: '"op":"joined"', hello: asUser(HELLO, 'ticket') },
    args: [...CUT, '--resume', asUser(RESUME, 'resume'), ...PLACE],
    bars: { storm_seconds: 3.5, lost: 0, duplicate: 0 },
  },
  {
    ...{ name: 'stalled', viewers: 1100, env: PLAIN },
    args: [
      ...['--mode', 'slow', '--slow', '100', '--mss', '1448', '--rate', '100', '--lead', '5s', '--duration', '45s'],
    ],
    bars: { slow_all_cut_s: 35, others_p99_ratio: 1.1 },
    // Of the thousand that read, while a hundred do not.
    derived: ({ before_p99_ms, stalled_p99_ms }) => ({
      others_p99_ratio: Number(stalled_p99_ms) / Number(before_p99_ms),
    }),
  },
];

async function startServer(
  env: Record<string, string>,
): Promise<{ child: ChildProcess; url: string; publish: string }> {
  const child = spawn('taskset', ['-c', '0', process.execPath, SERVER], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(child.stdout!, 'data')) as [Buffer];
  return { child, ...(JSON.parse(String(line)) as { url: string; publish: string }) };
}

async function measure(binary: string, row: Row): Promise<void> {
  const { name, viewers, env, args, bars, hello = HELLO, ready = '"op":"snap"', derived = () => ({}) } = row;
  const { child, url, publish } = await startServer(env ?? {});
  try {
    const target = ['--url', url, '--subprotocol', 'beamify.live.v1', '--pid', String(child.pid)];
    const load = ['--n', String(viewers), '--poll', '1ms', '--publish-url', publish, '--publish-conns', '8', ...MARKS];
    const talk = ['--send', hello, '--ready-mark', ready, ...PINGS];
    const all = [...target, ...load, ...talk, ...args];
    const { stdout, stderr } = spawnSync('taskset', ['-c', '1', binary, ...all], { encoding: 'utf8' });
    console.log(`${name}, ${viewers} viewers\n${stdout.trim()}${stderr}`);
    if (stdout.trim() === '') return;
    const figures = JSON.parse(stdout) as Figures;
    judge({ ...figures, ...derived(figures) }, bars);
  } finally {
    child.kill();
    await once(child, 'exit');
  }
}

function judge(figures: Figures, bars: Bars): void {
  for (const [figure, most] of Object.entries(bars)) {
    const value = Number(figures[figure]);
    console.log(`  ${value <= most ? 'holds ' : 'misses'}  ${figure} ${value}, at most ${most}`);
  }
}

export async function run(): Promise<void> {
  if (!existsSync(CLIENT)) {
    console.log(`The load client is not there (${CLIENT}); LIVE_BENCH_DIR names its folder.`);
    return;
  }
  const folder = mkdtempSync(join(tmpdir(), 'live-bench-'));
  try {
    const binary = join(folder, 'live-bench');
    execFileSync('go', ['build', '-o', binary, '.'], { cwd: CLIENT, stdio: 'inherit' });
    const only = process.env['LIVE_BENCH_ROW'];
    for (const row of ROWS) if (only === undefined || only === row.name) await measure(binary, row);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
