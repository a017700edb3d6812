/**
 * What a live room costs without the homeserver around it: the gateway with admission, order, recovery and heartbeats in
 * a process of its own, under `../shared/bench/live` (or `LIVE_BENCH_DIR`), which is built with Go. Settings that differ from
 * the defaults: caps per address, `display_rate`, and per row the environment of the process. `LIVE_BENCH_ROW` is the one
 * row to run.
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

const HERE = dirname(fileURLToPath(import.meta.url));
const CLIENT = resolve(process.env['LIVE_BENCH_DIR'] ?? join(HERE, '../../../../shared/bench/live'));
const SERVER = join(HERE, '../live/gateway/hub-process.js');
const FLOOR = join(HERE, 'live-floor.js');
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
  /** The program that is measured, where it is not the hub. */
  readonly program?: string;
  readonly env?: Record<string, string>;
  readonly args: readonly string[];
  readonly bars?: Bars;
  readonly hello?: string;
  /** In the first frame of a viewer that is in. */
  readonly ready?: string;
  /** Where the load client says things. */
  readonly path?: string;
  /** Figures that follow from those of the client, and of the rows before. */
  derived?(figures: Figures, earlier: ReadonlyMap<string, Figures>): Figures;
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
    bars: {
      cpu_us_per_delivery: 2.0,
      ...LATENCY,
      publish_p99_ms: 30,
      rss_bytes_per_viewer: 12 * 1024,
      loop_p99_ms: 25,
    },
  },
  { name: 'plain, floor of the machine', viewers: size, program: FLOOR, args: STEADY },
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
    ...{ name: '100 said, 20 shown', viewers: size, env: { ...PLAIN, DISPLAY_RATE: '20' } },
    args: [...STEADY, '--rate', '100'],
    bars: { cores_ratio: 1.25, loop_p99_ms: 25 },
    derived: ({ server_cores }, earlier) => ({
      cores_ratio: Number(server_cores) / Number(earlier.get('plain')?.['server_cores']),
    }),
  },
  {
    // Of what moderators take out while twenty messages a second are said.
    ...{ name: 'deletions', viewers: size, env: { ...PLAIN, CHATTER: '20' }, path: '/delete' },
    args: [...STEADY, '--rate', '2'],
    bars: { p99_ms: 300 },
  },
  {
    ...{ name: 'reconnect', viewers: size, ready: '"op":"joined"', args: [...CUT, '--resume', RESUME, ...PLACE] },
    bars: { storm_seconds: 2.0, lost: 0, duplicate: 0 },
  },
  {
    ...{ name: 'reconnect, floor of the machine', viewers: size, program: FLOOR, ready: '"op":"joined"' },
    // Nobody is caught up: what is said meanwhile counts as lost.
    args: [...CUT, '--resume', RESUME, ...PLACE],
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
    bars: { slow_all_cut_s: 35, others_p99_ratio: 1.1, rss_growth_mb: 30 },
    // Of the thousand that read, while a hundred do not.
    derived: ({ before_p99_ms, stalled_p99_ms, before_server_rss_mb, stalled_rss_peak_mb }) => ({
      others_p99_ratio: Number(stalled_p99_ms) / Number(before_p99_ms),
      rss_growth_mb: Number(stalled_rss_peak_mb) - Number(before_server_rss_mb),
    }),
  },
];

interface Started {
  readonly url: string;
  /** Where the paths of the load client are. */
  readonly base: string;
  readonly pid: number;
  /** Ends it; answers what it measured of itself. */
  stop(): Promise<Figures>;
}

async function startServer(program: string, env: Record<string, string>): Promise<Started> {
  const child = spawn('taskset', ['-c', '0', process.execPath, program], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const said = text(child.stdout);
  return {
    ...(JSON.parse(String(line)) as { url: string; base: string }),
    pid: child.pid ?? 0,
    async stop() {
      child.kill();
      const figures = await said;
      return figures === '' ? {} : (JSON.parse(figures) as Figures);
    },
  };
}

const earlier = new Map<string, Figures>();

async function measure(binary: string, row: Row): Promise<void> {
  const { name, viewers, program = SERVER, env = {}, path = '/publish', args, bars = {} } = row;
  const { hello = HELLO, ready = '"op":"snap"', derived = () => ({}) } = row;
  const server = await startServer(program, env);
  const target = ['--url', server.url, '--subprotocol', 'beamify.live.v1', '--pid', String(server.pid)];
  const load = ['--n', String(viewers), '--poll', '1ms', '--publish-url', `${server.base}${path}`, ...MARKS];
  const talk = ['--publish-conns', '8', '--send', hello, '--ready-mark', ready, ...PINGS];
  const client = spawnSync('taskset', ['-c', '1', binary, ...target, ...load, ...talk, ...args], { encoding: 'utf8' });
  const own = await server.stop();
  console.log(`${name}, ${viewers} viewers\n${client.stdout.trim()}${client.stderr}`);
  if (client.stdout.trim() === '') return;
  const figures: Figures = { ...(JSON.parse(client.stdout) as Figures), ...own };
  earlier.set(name, figures);
  judge({ ...figures, ...derived(figures, earlier) }, bars);
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
