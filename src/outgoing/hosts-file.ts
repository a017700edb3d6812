import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import type { Clock } from '../util/clock.ts';

const READ_AGAIN_MS = 5_000;

/** Addresses by name, in small letters. */
export function parseHosts(text: string): ReadonlyMap<string, readonly string[]> {
  const hosts = new Map<string, string[]>();
  for (const line of text.split('\n')) {
    const [address = '', ...names] = line.replace(/#.*/, '').trim().split(/\s+/);
    if (isIP(address) === 0) continue;
    for (const name of names) {
      const key = name.toLowerCase();
      const known = hosts.get(key);
      if (known === undefined) hosts.set(key, [address]);
      else known.push(address);
    }
  }
  return hosts;
}

/** The machine's own table of names, which goes before the name servers. Read again when it is some seconds old. */
export class HostsFile {
  readonly #path: string;
  readonly #clock: Clock;
  #hosts: Promise<ReadonlyMap<string, readonly string[]>> | undefined;
  #readAt = 0;

  constructor(path: string, clock: Clock) {
    this.#path = path;
    this.#clock = clock;
  }

  async addresses(host: string): Promise<readonly string[] | undefined> {
    const now = this.#clock.now();
    if (this.#hosts === undefined || now - this.#readAt >= READ_AGAIN_MS) {
      this.#readAt = now;
      // A machine without the file, or whose file cannot be read, has no names of its own.
      this.#hosts = readFile(this.#path, 'utf8').then(parseHosts, () => new Map());
    }
    return (await this.#hosts).get(host.toLowerCase());
  }
}
