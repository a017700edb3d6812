/**
 * What a live room costs without the homeserver around it: the gateway with admission, order, recovery and heartbeats in
 * a process of its own, under `../shared/bench/live` (or `LIVE_BENCH_DIR`), which is built with Go. Settings that differ from
 * the defaults: caps per address, `display_rate`, and per row the environment of the process. `LIVE_BENCH_ROW` is the one
 * row to run.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import {
  type Bars,
  CUT,
  CUT_BARS,
  type Figures,
  helloTo,
  JOINED,
  judge,
  LATENCY_BARS,
  LiveLoad,
  resumeAt,
  SERVER_CORE,
  SHOWN,
  STEADY,
  STEADY_BARS,
  VIEWERS,
} from '../support/live-load.ts';

const HERE = dirname(fileURLToPath(import.meta.url));
const HUB = join(HERE, '../live/gateway/hub-process.js');
const FLOOR = join(HERE, '../live/gateway/floor-process.js');
const CHANNEL = 'ch_1';
const [HELLO, RESUME] = [helloTo(CHANNEL), resumeAt(CHANNEL)];
/** The same as somebody, each viewer as another user. Looking a credential up costs nothing here, as it does in memory. */
const asUser = (hello: string, credential: 'ticket' | 'resume') =>
  hello.replace('"v":1', `"v":1,"${credential}":"ticket-@u{{i}}:bench"`);

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

const PLAIN = { DEFLATE_FROM: '1000000' };
const ROWS: readonly Row[] = [
  {
    ...{ name: 'plain', viewers: VIEWERS, env: PLAIN, args: STEADY },
    bars: { ...STEADY_BARS, rss_bytes_per_viewer: 12 * 1024, loop_p99_ms: 25 },
  },
  { name: 'plain, floor of the machine', viewers: VIEWERS, program: FLOOR, args: STEADY },
  {
    ...{ name: 'deflated', viewers: VIEWERS, args: [...STEADY, '--deflate'] },
    bars: { cpu_us_per_delivery: 2.0, ...LATENCY_BARS, bytes_per_delivery: 130 },
  },
  {
    ...{ name: 'a frame a message', viewers: VIEWERS / 2, env: { TICK_MS: '0', ...PLAIN }, args: STEADY },
    bars: { cpu_us_per_delivery: 7.0 },
  },
  {
    ...{ name: 'deliveries', viewers: VIEWERS, args: [...STEADY, '--deflate', '--rate', '200'] },
    // Of one core: two million a second.
    bars: { cpu_us_per_delivery: 0.5 },
  },
  {
    ...{ name: '100 said, 20 shown', viewers: VIEWERS, env: { ...PLAIN, DISPLAY_RATE: '20' } },
    args: [...STEADY, '--rate', '100'],
    bars: { cores_ratio: 1.25, loop_p99_ms: 25 },
    derived: ({ server_cores }, earlier) => ({
      cores_ratio: Number(server_cores) / Number(earlier.get('plain')?.['server_cores']),
    }),
  },
  {
    // Of what moderators take out while twenty messages a second are said.
    ...{ name: 'deletions', viewers: VIEWERS, env: { ...PLAIN, CHATTER: '20' }, path: '/delete' },
    args: [...STEADY, '--rate', '2'],
    bars: { p99_ms: 300 },
  },
  {
    ...{ name: 'reconnect', viewers: VIEWERS, ready: JOINED, args: [...CUT, '--resume', RESUME] },
    bars: CUT_BARS,
  },
  {
    ...{ name: 'reconnect, floor of the machine', viewers: VIEWERS, program: FLOOR, ready: JOINED },
    // Nobody is caught up: what is said meanwhile counts as lost.
    args: [...CUT, '--resume', RESUME],
  },
  {
    ...{ name: 'reconnect signed in', viewers: VIEWERS, ready: JOINED, hello: asUser(HELLO, 'ticket') },
    args: [...CUT, '--resume', asUser(RESUME, 'resume')],
    bars: { ...CUT_BARS, storm_seconds: 3.5 },
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
  const child = spawn('taskset', ['-c', SERVER_CORE, process.execPath, program], {
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

async function measure(load: LiveLoad, row: Row): Promise<void> {
  const { name, viewers, program = HUB, env = {}, path = '/publish', args, bars = {} } = row;
  const { hello = HELLO, ready = SHOWN, derived = () => ({}) } = row;
  const { url, base, pid, stop } = await startServer(program, env);
  const publish = ['--publish-url', `${base}${path}`];
  const measured = load.run({ name, viewers, url, pid, publish, hello, ready, args });
  const own = await stop();
  if (!measured) return;
  const figures = { ...measured, ...own };
  earlier.set(name, figures);
  judge({ ...figures, ...derived(figures, earlier) }, bars);
}

export function run(): Promise<void> {
  const only = process.env['LIVE_BENCH_ROW'];
  return LiveLoad.with(async (load) => {
    for (const row of ROWS) if (only === undefined || only === row.name) await measure(load, row);
  });
}
