import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeCa, type TestCa } from './certificates.ts';
import { migratedEngine, type Options } from './engines.ts';
import { freePort } from './free-port.ts';
import { TestClock } from './test-clock.ts';
import { startTestHomeserver, type TestHomeserver } from './test-homeserver.ts';

/** A homeserver that others reach by TLS on a loopback port, which is part of its name. */
export interface TestPeer extends TestHomeserver {
  /** `localhost:12345` */
  readonly serverName: string;
}

/** Several homeservers in this process that speak with each other by real TLS connections. */
export interface TestFederation {
  readonly servers: readonly TestPeer[];
  readonly ca: TestCa;
  /** The time of all of them. */
  readonly clock: TestClock;
  /** One more server. */
  add(options?: Options): Promise<TestPeer>;
  stop(): Promise<void>;
}

/**
 * Starts `count` homeservers. They are called `localhost:PORT`, trust one authority of the test and no other, may
 * connect to loopback, and live in the same time, which stands still until the test advances it: so do their timeouts
 * and retries. Skips the suite where openssl is missing.
 *
 * @param context of the `before` hook: `startTestFederation(this, 2)` in a `function`.
 * @param options of all servers, as in `homeserver.yaml`.
 */
export async function startTestFederation(
  context: Mocha.Context,
  count: number,
  options: Options = {},
): Promise<TestFederation> {
  const ca = makeCa(context);
  const certificate = ca.issue('localhost', '127.0.0.1');
  const clock = new TestClock();
  const servers: TestPeer[] = [];
  const add = async (own: Options = {}): Promise<TestPeer> => {
    const port = await freePort();
    const serverName = `localhost:${port}`;
    const database = await migratedEngine();
    mkdirSync(database.folder, { recursive: true });
    const cert = join(database.folder, 'tls.pem');
    const key = join(database.folder, 'tls.key');
    writeFileSync(cert, certificate.cert);
    writeFileSync(key, certificate.key);
    const server = await startTestHomeserver(
      {
        server_name: serverName,
        listeners: [
          { bind: '127.0.0.1', port: 0, serves: ['client'] },
          { bind: '127.0.0.1', port, tls_certificate: cert, tls_key: key, serves: ['federation'] },
        ],
        outgoing: { allow: ['127.0.0.0/8', '::1'], ca_files: [ca.file], public_cas: false },
        ...options,
        ...own,
      },
      database,
      clock,
    );
    // The properties of a homeserver are getters, for it can be restarted.
    const peer = Object.defineProperties({}, Object.getOwnPropertyDescriptors(server)) as TestHomeserver;
    const named = Object.assign(peer, { serverName });
    servers.push(named);
    return named;
  };
  for (let at = 0; at < count; at++) await add();
  return {
    servers,
    ca,
    clock,
    add,
    async stop() {
      await Promise.all(servers.map((server) => server.stop()));
      ca.remove();
    },
  };
}
