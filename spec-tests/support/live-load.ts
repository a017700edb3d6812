/**
 * The load client of live rooms, `../shared/bench/live` (or `LIVE_BENCH_DIR`), which is built with Go: thousands of viewers
 * on a core of their own. Whom it looks at has the other one.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const HERE = dirname(fileURLToPath(import.meta.url));
const CLIENT = resolve(process.env['LIVE_BENCH_DIR'] ?? join(HERE, '../../../../shared/bench/live'));
/** The cores of whom is measured, and of the client. */
export const [SERVER_CORE, CLIENT_CORE] = ['0', '1'];
/** The client sees to it that messages hold their number and time. */
const MARKS = [
  ...['--n-mark', 'n=', '--ts-mark', 'ts='],
  ...['--publish-body', '{"msgtype":"m.text","body":"n={{n}} ts={{ts}} {{text}}"}'],
];
const PINGS = ['--ping-text', '{"op":"ping"}', '--pong-text', '{"op":"pong"}'];

export const VIEWERS = Number(process.env['LIVE_BENCH_VIEWERS'] ?? 10_000);
export const STEADY = ['--rate', '20', '--warmup', '2s', '--duration', '10s'];
/** All are cut at once and come back, from where they were. */
export const CUT = [
  ...['--mode', 'reconnect', '--rate', '20', '--lead', '3s', '--duration', '6s'],
  ...['--sync-mark', '"rec":true', '--epoch-mark', '"epoch":"', '--offset-mark', '"q":'],
];
/** In the first frame of a viewer that is back, and of one that has been shown everything. */
export const [JOINED, SHOWN] = ['"op":"joined"', '"op":"snap"'];

/** What a figure has to be at most. */
export type Bars = Readonly<Record<string, number>>;
export type Figures = Readonly<Record<string, unknown>>;

export const LATENCY_BARS = { p50_ms: 180, p99_ms: 350 };
export const STEADY_BARS = { cpu_us_per_delivery: 2.0, ...LATENCY_BARS, publish_p99_ms: 30 };
export const CUT_BARS = { storm_seconds: 2.0, lost: 0, duplicate: 0 };

export interface Load {
  readonly name: string;
  readonly viewers: number;
  /** Where viewers come, and the process whose time and memory count. */
  readonly url: string;
  readonly pid: number;
  /** How the client says something. */
  readonly publish: readonly string[];
  readonly hello: string;
  readonly ready: string;
  readonly args: readonly string[];
}

/** A viewer's first words, in full and with a place. */
export const helloTo = (channel: string) => `{"op":"hello","v":1,"subs":[{"ch":"${channel}"}]}`;
export const resumeAt = (channel: string) =>
  `{"op":"hello","v":1,"subs":[{"ch":"${channel}","epoch":"{{epoch}}","seq":{{offset}}}]}`;

export class LiveLoad {
  readonly #binary: string;

  private constructor(binary: string) {
    this.#binary = binary;
  }

  /** Builds the client for as long as `use` takes. */
  static async with(use: (load: LiveLoad) => Promise<void>): Promise<void> {
    if (!existsSync(CLIENT)) {
      console.log(`The load client is not there (${CLIENT}); LIVE_BENCH_DIR names its folder.`);
      return;
    }
    const folder = mkdtempSync(join(tmpdir(), 'live-bench-'));
    try {
      const binary = join(folder, 'live-bench');
      execFileSync('go', ['build', '-o', binary, '.'], { cwd: CLIENT, stdio: 'inherit' });
      await use(new LiveLoad(binary));
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  /** Prints what the client has measured, and answers it; undefined if it gave up. */
  run({ name, viewers, url, pid, publish, hello, ready, args }: Load): Figures | undefined {
    const target = ['--url', url, '--subprotocol', 'beamify.live.v1', '--pid', String(pid), '--n', String(viewers)];
    const talk = ['--publish-conns', '8', ...MARKS, ...publish, '--send', hello, '--ready-mark', ready, ...PINGS];
    const all = ['-c', CLIENT_CORE, this.#binary, ...target, '--poll', '1ms', ...talk, ...args];
    const { stdout, stderr } = spawnSync('taskset', all, { encoding: 'utf8' });
    console.log(`${name}, ${viewers} viewers\n${stdout.trim()}${stderr}`);
    return stdout.trim() === '' ? undefined : (JSON.parse(stdout) as Figures);
  }
}

export function judge(figures: Figures, bars: Bars): void {
  for (const [figure, most] of Object.entries(bars)) {
    const value = Number(figures[figure]);
    console.log(`  ${value <= most ? 'holds ' : 'misses'}  ${figure} ${value}, at most ${most}`);
  }
}
