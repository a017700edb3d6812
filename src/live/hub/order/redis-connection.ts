/**
 * A connection to Redis that is made when it is needed and made anew when it was lost. Nothing waits for a server that is
 * away: whoever asks is told at once, or when the time is up.
 */
import { readFileSync } from 'node:fs';
import type { RedisArgument } from 'redis';
import type { Clock } from '../../../util/clock.ts';
import type { RedisScript } from './redis-scripts.ts';

export interface RedisSettings {
  /** As `redis://user:password@host:6379/0`, `rediss://…` for TLS, or `unix:/path/of/the/socket`. */
  readonly url: string;
  /** File with the certificate authorities to trust, in PEM; undefined: those of the system. */
  readonly tlsCa: string | undefined;
  /** Begins every key. */
  readonly keyPrefix: string;
  /** Milliseconds to connect, and for an answer. */
  readonly connectMs: number;
  readonly commandMs: number;
}

type Client = Awaited<ReturnType<typeof clientOf>>;

export class RedisUnreachable extends Error {
  override readonly name = 'RedisUnreachable';
}

export class RedisConnection {
  readonly #settings: RedisSettings;
  readonly #clock: Clock;
  #client: Promise<Client> | undefined;
  #isClosed = false;
  #generation = 0;

  constructor(settings: RedisSettings, clock: Clock) {
    this.#settings = settings;
    this.#clock = clock;
  }

  /** Another number with each connection, so that users see that they may have missed something. */
  async connect(): Promise<number> {
    await this.#connected();
    return this.#generation;
  }

  /** The answer of a command, in the types of RESP 2. Rejects with {@link RedisUnreachable}, or the error of the server. */
  async command(args: readonly RedisArgument[], withinMs = this.#settings.commandMs): Promise<unknown> {
    const client = await this.#connected();
    return this.#within(withinMs, client, client.sendCommand(args));
  }

  async script({ source, sha1 }: RedisScript, keys: readonly string[], args: readonly string[]): Promise<unknown> {
    const rest = [String(keys.length), ...keys, ...args];
    try {
      return await this.command(['EVALSHA', sha1, ...rest]);
    } catch (error) {
      if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error;
      return this.command(['EVAL', source, ...rest]);
    }
  }

  /** Ends what is under way with an error. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const client = await this.#client?.catch(() => undefined);
    if (client) drop(client);
  }

  #connected(): Promise<Client> {
    if (this.#isClosed) return Promise.reject(new RedisUnreachable('the connection has been closed'));
    this.#client ??= this.#connect();
    return this.#client;
  }

  async #connect(): Promise<Client> {
    const client = await clientOf(this.#settings);
    this.#generation += 1;
    const lose = this.#losing(this.#generation);
    // What was under way is rejected by the library.
    client.on('error', lose);
    client.on('end', lose);
    try {
      // The bound of the library ends with the TCP connection, before anything is answered.
      await this.#within(this.#settings.connectMs, client, client.connect());
      return client;
    } catch (error) {
      lose();
      throw new RedisUnreachable('Redis cannot be reached', { cause: error });
    }
  }

  #losing(generation: number): () => void {
    return () => {
      if (this.#generation === generation) this.#client = undefined;
    };
  }

  async #within(ms: number, client: Client, answer: Promise<unknown>): Promise<unknown> {
    let cancel = (): void => undefined;
    const lose = this.#losing(this.#generation);
    const late = new Promise<never>((_resolve, reject) => {
      cancel = this.#clock.after(ms, () => {
        // A server that is silent may be gone without a word: the next command connects anew.
        reject(new RedisUnreachable(`Redis did not answer within ${ms} ms`));
        lose();
        drop(client);
      });
    });
    try {
      return await Promise.race([answer, late]);
    } finally {
      cancel();
    }
  }
}

async function clientOf({ url, tlsCa, connectMs }: RedisSettings) {
  // Where it is needed only: it takes 15 MiB.
  const { createClient } = await import('redis');
  const common = { connectTimeout: connectMs, reconnectStrategy: false as const };
  const isPath = url.startsWith('unix:');
  const tls = tlsCa === undefined ? {} : { tls: true as const, ca: readFileSync(tlsCa) };
  return createClient({
    ...(isPath ? {} : { url }),
    socket: isPath ? { path: url.slice('unix:'.length), tls: false, ...common } : { ...common, ...tls },
    ...{
      RESP: 2 as const,
      disableOfflineQueue: true,
      disableClientInfo: true,
      maintNotifications: 'disabled' as const,
    },
  });
}

function drop(client: Client): void {
  if (client.isOpen) client.destroy();
}
