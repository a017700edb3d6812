/**
 * What a live room costs without the homeserver around it: the gateway with admission, order, recovery and heartbeats in
 * a process of its own, under `../shared/bench/live` (or `LIVE_BENCH_DIR`), which is built with Go.
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
const HELLO = '{"op":"hello","v":1,"subs":[{"ch":"ch_1"}]}';
const RESUME = '{"op":"hello","v":1,"subs":[{"ch":"ch_1","epoch":"{{epoch}}","seq":{{offset}}}]}';

interface Row {
  readonly name: string;
  readonly viewers: number;
  readonly env?: Record<string, string>;
  readonly args: readonly string[];
}

const size = Number(process.env['LIVE_BENCH_VIEWERS'] ?? 10_000);
const STEADY = ['--rate', '20', '--warmup', '2s', '--duration', '10s'];
const ROWS: readonly Row[] = [
  { name: 'plain', viewers: size, env: { DEFLATE_FROM: '1000000' }, args: STEADY },
  { name: 'deflated', viewers: size, args: [...STEADY, '--deflate'] },
  { name: 'a frame a message', viewers: size / 2, env: { TICK_MS: '0', DEFLATE_FROM: '1000000' }, args: STEADY },
  { name: '200 messages/s', viewers: size, args: [...STEADY, '--deflate', '--rate', '200'] },
  {
    name: 'reconnect',
    viewers: size,
    args: [
      ...['--mode', 'reconnect', '--rate', '20', '--lead', '3s', '--duration', '6s', '--resume', RESUME],
      ...['--sync-mark', '"rec":true', '--epoch-mark', '"epoch":"', '--offset-mark', '"q":'],
    ],
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

async function measure(binary: string, { name, viewers, env, args }: Row): Promise<void> {
  const { child, url, publish } = await startServer(env ?? {});
  try {
    const all = [
      ...[
        '--url',
        url,
        '--subprotocol',
        'beamify.live.v1',
        '--pid',
        String(child.pid),
        '--n',
        String(viewers),
        '--poll',
        '1ms',
      ],
      ...[
        '--send',
        HELLO,
        '--ready-mark',
        '"op":"snap"',
        '--publish-url',
        publish,
        '--publish-conns',
        '8',
        ...MARKS,
        ...args,
      ],
    ];
    const ready = name === 'reconnect' ? all.map((arg) => (arg === '"op":"snap"' ? '"op":"joined"' : arg)) : all;
    const { stdout, stderr } = spawnSync('taskset', ['-c', '1', binary, ...ready], { encoding: 'utf8' });
    console.log(`${name}, ${viewers} viewers\n${stdout.trim()}${stderr}`);
  } finally {
    child.kill();
    await once(child, 'exit');
  }
}

export async function run(): Promise<void> {
  if (!existsSync(CLIENT)) {
    console.log(`no load client in ${CLIENT}`);
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
