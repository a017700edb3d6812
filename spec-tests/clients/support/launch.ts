import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestCa } from '../../support/certificates.ts';
import { engineName, serverUrl } from '../../support/engines.ts';
import { freePort } from '../../support/free-port.ts';

const OWN_START_SCRIPT = fileURLToPath(new URL('../../support/start-homeserver', import.meta.url));
const BIND_ADDRESS = '127.0.0.1';
const READY_WITHIN_MS = 60_000;
const STOPPED_WITHIN_MS = 15_000;

/** Homeservers that still run; a test process that ends without stopping them takes them along. */
const running = new Set<Homeserver>();
const killAll = () => {
  for (const homeserver of running) homeserver.signal('SIGKILL');
};
process.once('exit', killAll);
// They are in process groups of their own: what a terminal tells the tests does not reach them.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => {
    killAll();
    process.kill(process.pid, signal);
  });
}

export interface LaunchOptions {
  /** A start script of the same contract, of another server. */
  readonly script?: string;
  /** Switches federation on: the authority that all servers of the test trust, and that signs for this one. */
  readonly ca?: TestCa;
  /** Further sections of `homeserver.yaml`, once it is known where the server will be. */
  readonly settings?: (baseUrl: string) => Promise<object>;
  /** More environment variables. */
  readonly environment?: Readonly<Record<string, string>>;
}

/**
 * A homeserver in a process of its own, started by environment variables alone. `HOMESERVER` names another start script
 * (to run the same stories on another server), `DATABASE` the engine. The data stay over `stop`, `kill` and `start`,
 * until `remove`.
 */
export class Homeserver {
  readonly serverName: string;
  readonly baseUrl: string;
  #process: ChildProcess | undefined;
  #settings: object = {};

  constructor(
    readonly dataDir: string,
    private readonly port: number,
    /** Of federation; undefined without. */
    private readonly federationPort: number | undefined,
    private readonly options: LaunchOptions,
  ) {
    this.baseUrl = `http://${BIND_ADDRESS}:${port}`;
    this.serverName = federationPort === undefined ? 'localhost' : `localhost:${federationPort}`;
  }

  /** Starts the process and waits until it answers. */
  async start(): Promise<void> {
    if (this.#process === undefined) this.#settings = (await this.options.settings?.(this.baseUrl)) ?? {};
    const log = openSync(this.logFile, 'a');
    const appservices = join(this.dataDir, 'appservices');
    await mkdir(appservices, { recursive: true });
    this.#process = spawn(this.options.script ?? process.env.HOMESERVER ?? OWN_START_SCRIPT, [], {
      cwd: this.dataDir,
      detached: true,
      stdio: ['ignore', log, log],
      env: {
        ...process.env,
        SERVER_NAME: this.serverName,
        BIND_ADDRESS,
        CS_PORT: String(this.port),
        DATA_DIR: this.dataDir,
        ...(await database()),
        REGISTRATION_SHARED_SECRET: 'secret of the test',
        APPSERVICE_DIR: appservices,
        ...(await this.#federation()),
        HOMESERVER_OPTIONS: JSON.stringify(this.#settings),
        ...this.options.environment,
      },
    });
    closeSync(log);
    running.add(this);
    await once(this.#process, 'spawn');
    await this.#answers();
  }

  /** Ends the process as an operator would: SIGTERM, and everything begun is finished. */
  stop(): Promise<void> {
    return this.#end('SIGTERM');
  }

  /** Ends the process as a power cut would. */
  kill(): Promise<void> {
    return this.#end('SIGKILL');
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  /** Stops the process and deletes its data, except when `KEEP_DATA` asks for them. */
  async remove(): Promise<void> {
    await this.stop();
    if (process.env.KEEP_DATA === undefined) await rm(this.dataDir, { recursive: true, force: true });
  }

  /** Of the process that runs now, or ran last. */
  get pid(): number | undefined {
    return this.#process?.pid;
  }

  signal(signal: NodeJS.Signals): void {
    const pid = this.#process?.pid;
    if (pid === undefined || this.#ended()) return;
    process.kill(-pid, signal);
  }

  private get logFile(): string {
    return join(this.dataDir, 'homeserver.log');
  }

  #ended(): boolean {
    return this.#process === undefined || this.#process.exitCode !== null || this.#process.signalCode !== null;
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#process;
    if (child === undefined || this.#ended()) return;
    const gone = once(child, 'exit');
    this.signal(signal);
    const forced = setTimeout(() => this.signal('SIGKILL'), STOPPED_WITHIN_MS);
    await gone;
    clearTimeout(forced);
    running.delete(this);
    if (signal === 'SIGTERM' && child.signalCode === 'SIGKILL') {
      throw new Error(`the homeserver did not end within ${STOPPED_WITHIN_MS} ms of SIGTERM`);
    }
  }

  /** What the start script is told of federation, with a certificate in the folder of the data. */
  async #federation(): Promise<Record<string, string>> {
    const { ca } = this.options;
    if (ca === undefined || this.federationPort === undefined) return {};
    const [TLS_CERT, TLS_KEY] = [join(this.dataDir, 'tls.pem'), join(this.dataDir, 'tls.key')];
    if (!existsSync(TLS_CERT)) {
      const { cert, key } = ca.issue('localhost', BIND_ADDRESS);
      await Promise.all([writeFile(TLS_CERT, cert), writeFile(TLS_KEY, key)]);
    }
    return { FED_PORT: String(this.federationPort), TLS_CERT, TLS_KEY, CA_CERT: ca.file };
  }

  /** A process tells nobody that it listens: it is asked until it answers. */
  async #answers(): Promise<void> {
    const giveUpAt = Date.now() + READY_WITHIN_MS;
    for (;;) {
      const status = await fetch(`${this.baseUrl}/_matrix/client/versions`).then(
        (response) => response.status,
        () => undefined,
      );
      if (status === 200 && (this.federationPort === undefined || (await accepts(this.federationPort)))) return;
      if (this.#ended()) throw new Error(`the homeserver ended before it answered:\n${this.#lastLines()}`);
      if (Date.now() > giveUpAt) throw new Error(`the homeserver does not answer:\n${this.#lastLines()}`);
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }

  #lastLines(): string {
    return existsSync(this.logFile) ? readFileSync(this.logFile, 'utf8').split('\n').slice(-30).join('\n') : '';
  }
}

/** A fresh homeserver on free ports, with its data in a temporary folder. */
export async function launchHomeserver(options: LaunchOptions = {}): Promise<Homeserver> {
  const dataDir = await mkdtemp(join(tmpdir(), 'igchat-clients-'));
  const federationPort = options.ca === undefined ? undefined : await freePort();
  const homeserver = new Homeserver(dataDir, await freePort(), federationPort, options);
  await homeserver.start();
  return homeserver;
}

/** Whether somebody listens on this port. */
function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, BIND_ADDRESS);
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

/** What the start script is told of the engine under test. */
async function database(): Promise<Record<string, string>> {
  const engine = engineName();
  return engine === 'postgres' ? { DATABASE: engine, DATABASE_URL: await serverUrl() } : { DATABASE: engine };
}
