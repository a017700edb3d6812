import { chmodSync, existsSync, unlinkSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Clock } from '../util/clock.ts';
import type { Logger } from '../util/logger.ts';
import { type Audience, isFor } from './audience.ts';
import { clientAddress } from './client-address.ts';
import type { Api } from './create-api.ts';
import { TlsFiles } from './tls-files.ts';

/** An address with a port, or a Unix socket. */
export interface Listener {
  readonly bind: string;
  readonly port?: number | undefined;
  readonly socket?: string | undefined;
  /** Octal permissions of the socket. */
  readonly socketMode: string;
  /** PEM files; without them the listener speaks no TLS. */
  readonly tlsCertificate?: string | undefined;
  readonly tlsKey?: string | undefined;
  /** Who is answered there. */
  readonly serves: readonly Audience[];
  /** Addresses and networks whose `X-Forwarded-For` is believed. */
  readonly xForwardedProxies: readonly string[];
}

export interface HttpServerSettings {
  readonly listeners: readonly Listener[];
  readonly clock: Clock;
  /** Milliseconds for running requests to finish when the server stops. */
  readonly graceMs: number;
  readonly logger?: Logger;
  /** Takes connections that become something else: WebSockets; false for what it knows nothing of. `address` is the client's. */
  readonly onUpgrade?: (incoming: IncomingMessage, socket: Duplex, head: Buffer, address: string) => boolean;
  /** Whether the server can do its work, for `GET /health`. */
  readonly isHealthy?: () => boolean | Promise<boolean>;
}

/** Longer than load balancers keep an idle connection (60 s), so that they never write into one that closes. */
const KEEP_ALIVE_MS = 75_000;
/** For somebody to close a connection that was ended here. */
const LINGER_MS = 5_000;
/** Uploads over slow lines take their time; bodies of JSON have a shorter limit of their own. */
const REQUEST_MS = 15 * 60_000;
const HANDSHAKE_MS = 10_000;
/** How often it is looked whether there is another certificate. */
const RENEWAL_MS = 60 * 60_000;

/** The listeners of a server: opens them together, stops them gracefully. */
export class HttpServer {
  readonly #api: Api;
  readonly #settings: HttpServerSettings;
  readonly #servers: Server[] = [];
  readonly #encrypted = new Set<Server>();
  /** Ends what goes on while the server runs. */
  readonly #cancels: (() => void)[] = [];
  readonly #sockets = new Set<Socket>();
  /** The TCP connections that carry TLS; broken off only with all others, for requests may be running on them. */
  readonly #beneathTls = new Set<Socket>();
  /** Connections that speak HTTP no more; who took them over ends them. */
  readonly #upgraded = new Set<Socket>();
  #isStopping = false;

  constructor(api: Api, settings: HttpServerSettings) {
    this.#api = api;
    this.#settings = settings;
  }

  /** Resolves when every listener accepts connections; rejects, with none left open, if one cannot. */
  async start(): Promise<void> {
    try {
      for (const listener of this.#settings.listeners) await this.#open(listener);
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  /** `http://127.0.0.1:8008` for each TCP listener, with the port that it got. */
  get urls(): readonly string[] {
    return this.#servers.flatMap((server) => {
      const address = server.address();
      return address === null || typeof address === 'string' ? [] : [urlOf(address, this.#encrypted.has(server))];
    });
  }

  /**
   * Takes no more connections, tells long polls to answer, waits for running requests to finish and closes what is
   * left when the time is over.
   */
  async stop(): Promise<void> {
    this.#isStopping = true;
    for (const cancel of this.#cancels.splice(0)) cancel();
    const closed = this.#servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve())));
    const busy = this.#api.finishSoon();
    // Also those that browsers and proxies open in advance: Node's own idea of idle leaves them out.
    for (const socket of this.#sockets) if (!busy.has(socket)) socket.end();
    const cancel = this.#settings.clock.after(this.#settings.graceMs, () => {
      for (const socket of [...this.#sockets, ...this.#beneathTls, ...this.#upgraded]) socket.destroy();
    });
    await Promise.all(closed);
    cancel();
    this.#servers.length = 0;
  }

  async #open(listener: Listener): Promise<void> {
    const addressOf = clientAddress(listener.xForwardedProxies);
    const server = this.#create(listener);
    const accepts = isFor(listener.serves);
    // Counted from the end of the request before, so it must not be shorter than the time a connection may idle.
    server.headersTimeout = KEEP_ALIVE_MS + 5_000;
    server.on('request', (incoming, response) => {
      // Tells clients and proxies to come back on a new connection, which will be with another process.
      if (this.#isStopping) response.shouldKeepAlive = false;
      if (incoming.url === '/health') void this.#health(response);
      else void this.#api.handle(incoming, response, addressOf(incoming), accepts);
    });
    const isEncrypted = this.#encrypted.has(server);
    server.on('connection', (socket) => keep(isEncrypted ? this.#beneathTls : this.#sockets, socket));
    server.on('secureConnection', (socket: Socket) => keep(this.#sockets, socket));
    const { onUpgrade } = this.#settings;
    if (onUpgrade) {
      server.on('upgrade', (incoming, socket, head) => {
        this.#upgrade(incoming.socket);
        // Node listens no more: whoever is refused and breaks off would end the process.
        socket.on('error', () => socket.destroy());
        // Whoever has had the last word here does not have to be waited for by a connection without end.
        socket.once('finish', () => {
          const cancel = this.#settings.clock.after(LINGER_MS, () => socket.destroy());
          socket.once('close', cancel);
        });
        const isServed = accepts((incoming.url ?? '').split('?', 1)[0] ?? '');
        const isTaken = isServed && onUpgrade(incoming, socket, head, addressOf(incoming));
        if (!isTaken) socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
      });
    }
    await listen(server, listener);
    this.#servers.push(server);
  }

  #create({ tlsCertificate, tlsKey }: Listener): Server {
    const options = { keepAliveTimeout: KEEP_ALIVE_MS, requestTimeout: REQUEST_MS };
    if (tlsCertificate === undefined || tlsKey === undefined) return createServer(options);
    const files = new TlsFiles(tlsCertificate, tlsKey);
    const tls = { minVersion: 'TLSv1.2', handshakeTimeout: HANDSHAKE_MS } as const;
    const server = createTlsServer({ ...options, ...files.pair, ...tls });
    this.#encrypted.add(server);
    this.#cancels.push(this.#settings.clock.every(RENEWAL_MS, () => this.#renew(server, files)));
    return server;
  }

  /** Takes the certificate that is in the files now; one that cannot be used leaves the last in its place. */
  #renew(server: TlsServer, files: TlsFiles): void {
    try {
      const pair = files.renewed();
      if (pair === undefined) return;
      server.setSecureContext({ ...pair, minVersion: 'TLSv1.2' });
      this.#settings.logger?.info('the certificate of a listener was renewed');
    } catch (err) {
      this.#settings.logger?.warn({ err }, 'the certificate of a listener cannot be renewed');
    }
  }

  #upgrade(socket: Socket): void {
    this.#sockets.delete(socket);
    keep(this.#upgraded, socket);
  }

  async #health(response: ServerResponse): Promise<void> {
    const isHealthy = !this.#isStopping && (await this.#isHealthy());
    response.writeHead(isHealthy ? 200 : 503, { 'Content-Type': 'text/plain', 'Cache-Control': 'no-store' });
    response.end(isHealthy ? 'OK' : 'UNAVAILABLE');
  }

  async #isHealthy(): Promise<boolean> {
    try {
      return (await this.#settings.isHealthy?.()) ?? true;
    } catch {
      return false;
    }
  }
}

/** Adds a connection to a set until it ends. */
function keep(sockets: Set<Socket>, socket: Socket): void {
  sockets.add(socket);
  socket.once('close', () => sockets.delete(socket));
}

function urlOf({ address, family, port }: AddressInfo, isEncrypted: boolean): string {
  const host = family === 'IPv6' ? `[${address}]` : address;
  return `${isEncrypted ? 'https' : 'http'}://${host}:${port}`;
}

async function listen(server: Server, listener: Listener): Promise<void> {
  const { socket } = listener;
  // A socket that a process left behind when it was killed would be in the way of the next.
  if (socket !== undefined && existsSync(socket)) unlinkSync(socket);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    const done = () => {
      server.off('error', reject);
      resolve();
    };
    if (socket === undefined) server.listen({ host: listener.bind, port: listener.port ?? 0 }, done);
    else server.listen({ path: socket }, done);
  });
  if (socket !== undefined) chmodSync(socket, Number.parseInt(listener.socketMode, 8));
}
