/**
 * Live rooms while everything goes wrong: two processes and a Redis under load, of which any is killed at any time, with
 * connections that are cut and clocks that jump. Viewers check that nothing comes twice, late or not at all without being
 * told so. `SOAK_SECONDS` (600), `SOAK_VIEWERS` (40), `SOAK_RATE` (20 messages a second).
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { SoakOrder } from '../live/soak/soak-process.ts';
import { SoakViewer } from '../live/soak/soak-viewer.ts';
import { redis } from '../support/needs.ts';
import { RedisServer } from '../support/redis-server.ts';

const PROCESS = join(dirname(fileURLToPath(import.meta.url)), '../live/soak/soak-process.js');
const setting = (name: string, otherwise: number) => Number(process.env[name] ?? otherwise);
const REPORT_MS = 60_000;
const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
const below = (limit: number) => Math.floor(Math.random() * limit);

interface Gateway {
  child: ChildProcess;
  url: string;
}

class Soak {
  readonly #server: RedisServer;
  readonly #gateways: Gateway[] = [];
  /** The durable log: what was accepted, by position from 1. */
  readonly #log: { readonly id: string; readonly deletes: string | undefined }[] = [];
  /** Which gateway writes; undefined while there is none. */
  #writer: number | undefined;
  readonly #troubles = new Map<string, number>();

  constructor(server: RedisServer) {
    this.#server = server;
  }

  /** The process that comes last writes, from where the order ends. */
  async startGateway(slot: number): Promise<void> {
    this.#writer = undefined;
    const child = fork(PROCESS, {
      env: { ...process.env, REDIS_URL: this.#server.url },
      stdio: ['ignore', 'inherit', 'ignore', 'ipc'],
    });
    const [hello] = (await once(child, 'message')) as [{ url: string; logPosition: number }];
    this.#gateways[slot] = { child, url: hello.url };
    for (let position = hello.logPosition + 1; position <= this.#log.length; position++) this.#write(slot, position);
    this.#writer = slot;
  }

  urlOf = (): string => this.#gateways[below(this.#gateways.length)]?.url ?? '';

  accept(): void {
    const id = `m${this.#log.length + 1}`;
    const deletes = below(20) === 0 ? this.#log[below(this.#log.length + 1)]?.id : undefined;
    this.#log.push({ id, deletes });
    if (this.#writer !== undefined) this.#write(this.#writer, this.#log.length);
  }

  #write(slot: number, position: number): void {
    const { id, deletes } = this.#log[position - 1]!;
    const said: SoakOrder = { say: 'write', id, position, deletes };
    const { child } = this.#gateways[slot]!;
    if (child.connected) child.send(said, () => undefined);
  }

  async trouble(viewers: readonly SoakViewer[]): Promise<void> {
    const kinds = ['cut', 'cut', 'cut', 'kill', 'redis killed', 'redis paused', 'clock'] as const;
    const kind = kinds[below(kinds.length)]!;
    this.#troubles.set(kind, (this.#troubles.get(kind) ?? 0) + 1);
    const slot = below(this.#gateways.length);
    switch (kind) {
      case 'cut':
        for (const viewer of viewers) if (below(2) === 0) viewer.cut();
        break;
      case 'kill':
        this.#gateways[slot]!.child.kill('SIGKILL');
        await pause(below(500));
        await this.startGateway(slot);
        break;
      case 'redis killed':
        await this.#server.kill();
        await pause(below(1500));
        await this.#server.start();
        break;
      case 'redis paused':
        this.#server.pause();
        await pause(below(2500));
        this.#server.resume();
        break;
      case 'clock': {
        const said: SoakOrder = { say: 'jump', ms: (below(2) === 0 ? 1 : -1) * below(60_000) };
        this.#gateways[slot]!.child.send(said, () => undefined);
      }
    }
  }

  /** Calm at the end: everybody is told of the last message, and shows nothing that was deleted. */
  async check(viewers: readonly SoakViewer[]): Promise<string[]> {
    this.accept();
    const last = `$${this.#log.at(-1)!.id}`;
    const isTold = () => viewers.every(({ shown }) => shown.has(last) || this.#log.at(-1)!.deletes !== undefined);
    for (let wait = 0; wait < 300 && !isTold(); wait++) await pause(100);
    const wrong = viewers.flatMap((viewer) => viewer.wrong);
    if (!isTold()) wrong.push('not everybody was told of the last message');
    const deleted = new Set(this.#log.flatMap(({ deletes }) => (deletes === undefined ? [] : [`$${deletes}`])));
    for (const { shown } of viewers)
      for (const id of shown) if (deleted.has(id)) wrong.push(`${id} was deleted and is shown`);
    return wrong;
  }

  get summary(): string {
    return `${this.#log.length} messages; ${[...this.#troubles].map(([kind, n]) => `${kind} ${n}`).join(', ')}`;
  }

  async end(): Promise<void> {
    for (const { child } of this.#gateways) child.kill('SIGKILL');
    await this.#server.remove();
  }
}

export async function run(): Promise<void> {
  const executable = redis.find();
  if (executable === undefined) {
    console.log(`redis-server is missing (${redis.install})`);
    return;
  }
  const soak = new Soak(await RedisServer.start(executable));
  await soak.startGateway(0);
  await soak.startGateway(1);
  const viewers = Array.from({ length: setting('SOAK_VIEWERS', 40) }, () => new SoakViewer(soak.urlOf));
  const load = setInterval(() => soak.accept(), 1000 / setting('SOAK_RATE', 20));
  const start = Date.now();
  const end = start + setting('SOAK_SECONDS', 600) * 1000;
  let reportAt = start + REPORT_MS;
  while (Date.now() < end && viewers.every(({ wrong }) => wrong.length === 0)) {
    await pause(500 + below(3000));
    await soak.trouble(viewers);
    if (Date.now() < reportAt) continue;
    reportAt += REPORT_MS;
    console.log(`${Math.round((Date.now() - start) / 1000)} s: ${soak.summary}`);
  }
  clearInterval(load);
  const wrong = await soak.check(viewers);
  const sum = (name: keyof SoakViewer['counts']) => viewers.reduce((total, { counts }) => total + counts[name], 0);
  for (const viewer of viewers) viewer.end();
  await soak.end();
  console.log(
    `${Math.round((Date.now() - start) / 1000)} s: ${soak.summary}\ntold ${sum('messages')}, cut ${sum('cuts')}, went on ${sum('resumed')}, began anew ${sum('anew')}`,
  );
  console.log(wrong.length === 0 ? 'nothing was lost, doubled or out of order' : wrong.slice(0, 20).join('\n'));
  process.exitCode = wrong.length === 0 ? 0 : 1;
}
