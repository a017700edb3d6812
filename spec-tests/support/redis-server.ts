/** A real Redis on a socket of its own, which can be killed, stopped for a while and started again. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface RedisServerOptions {
  /** Whether what was written is still there after a restart. */
  readonly isDurable?: boolean;
}

export class RedisServer {
  readonly #executable: string;
  readonly #folder = mkdtempSync(join(tmpdir(), 'igchat-redis-'));
  readonly #isDurable: boolean;
  #child: ChildProcess | undefined;

  private constructor(executable: string, { isDurable = false }: RedisServerOptions) {
    this.#executable = executable;
    this.#isDurable = isDurable;
  }

  /** `executable` as `needs(this, redis)` answers. */
  static async start(executable: string, options: RedisServerOptions = {}): Promise<RedisServer> {
    const server = new RedisServer(executable, options);
    await server.start();
    return server;
  }

  get url(): string {
    return `unix:${this.#socket}`;
  }

  get #socket(): string {
    return join(this.#folder, 'socket');
  }

  async start(): Promise<void> {
    const kept = this.#isDurable ? ['--appendonly', 'yes', '--appendfsync', 'always'] : ['--appendonly', 'no'];
    rmSync(this.#socket, { force: true });
    this.#child = spawn(
      this.#executable,
      ['--port', '0', '--unixsocket', this.#socket, '--dir', this.#folder, '--save', '', ...kept],
      { stdio: 'ignore' },
    );
    const ended = once(this.#child, 'exit').then(([code]) => {
      throw new Error(`redis-server ended with ${code}`);
    });
    ended.catch(() => undefined);
    await Promise.race([this.#answers(), ended]);
  }

  /** Takes it away without a warning. */
  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (!child || child.exitCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }

  /** Lets it answer nothing, until {@link resume}. */
  pause(): void {
    this.#child?.kill('SIGSTOP');
  }

  resume(): void {
    this.#child?.kill('SIGCONT');
  }

  async remove(): Promise<void> {
    await this.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #answers(): Promise<void> {
    while (!(existsSync(this.#socket) && (await this.#pong()))) await new Promise((resolve) => setTimeout(resolve, 10));
  }

  /** Whether it is there and has loaded what it keeps. */
  #pong(): Promise<boolean> {
    return new Promise((resolve) => {
      const socket = connect(this.#socket, () => socket.write('PING\r\n'));
      socket.once('data', (data) => {
        socket.destroy();
        resolve(String(data).startsWith('+PONG'));
      });
      socket.once('error', () => resolve(false));
    });
  }
}
