import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * Above the last of those that `fetch` and browsers ask nobody on (https://fetch.spec.whatwg.org/#bad-port: 10080), and below
 * those that systems give to whoever asks for any: `ip_local_port_range` of Linux begins at 32768.
 */
const [FIRST, LAST] = [11_000, 32_000];
const PER_PROCESS = 100;

let next = 0;

/**
 * A TCP port that is free on 127.0.0.1, for a server whose port is part of its name or must stay the same when it starts
 * again. Nobody gets it meanwhile: each process has a range of its own, as far as they are of one test run.
 */
export async function freePort(): Promise<number> {
  const range = process.pid % ((LAST - FIRST) / PER_PROCESS);
  for (let tries = 0; tries < PER_PROCESS; tries++) {
    const port = FIRST + range * PER_PROCESS + (next++ % PER_PROCESS);
    if (await isFree(port)) return port;
  }
  throw new Error('no port is free');
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch {
    return false;
  }
  server.close();
  await once(server, 'close');
  return true;
}
