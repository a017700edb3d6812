import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Metrics } from '../util/metrics.ts';

/** Serves `GET /metrics` for Prometheus, apart from the listeners that the world can reach. */
export class MetricsServer {
  readonly #server: Server;

  constructor(metrics: Metrics) {
    this.#server = createServer((incoming, response) => {
      if (incoming.url !== '/metrics') {
        response.writeHead(404).end();
        return;
      }
      metrics.text().then(
        ({ type, body }) => response.writeHead(200, { 'Content-Type': type }).end(body),
        (error: unknown) => response.writeHead(500).end(String(error)),
      );
    });
  }

  /** Resolves with the port that was opened. */
  start(bind: string, port: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen({ host: bind, port }, () => {
        this.#server.off('error', reject);
        resolve((this.#server.address() as AddressInfo).port);
      });
    });
  }

  stop(): Promise<void> {
    this.#server.closeAllConnections();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }
}
