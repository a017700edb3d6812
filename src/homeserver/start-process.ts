/** Starts a process of an extension beside the server: its endpoints, a listener, health and metrics. */
import type { Config } from '../config/schema.ts';
import type { Surroundings } from '../homeserver.ts';
import { createApi } from '../http/create-api.ts';
import { MetricsServer } from '../http/metrics-server.ts';
import { RateLimits } from '../http/rate-limits.ts';
import { RequestLog } from '../http/request-log.ts';
import type { Authenticators } from '../http/requester.ts';
import { HttpServer } from '../http/server.ts';
import { MatrixError } from '../protocol/errors.ts';
import type { ExtensionProcess } from './extensions.ts';

/** Where it listens, and where its metrics are. */
export interface ProcessAddress {
  readonly bind: string;
  readonly port: number;
  readonly metricsPort: number;
}

export interface StartedProcess {
  readonly urls: readonly string[];
  stop(): Promise<void>;
}

/** Milliseconds from which a request that is not a long poll is reported. */
const SLOW_MS = 5_000;

/** Whoever has a token is sent to the server. To call the token unknown would make clients log out. */
function elsewhere(): never {
  throw new MatrixError('M_UNKNOWN', 'This process serves anybody; ask the homeserver with a token', { status: 421 });
}

const NOBODY: Authenticators = { accessToken: elsewhere, serverSignature: elsewhere };

export async function startProcess(
  { endpoints, compose }: ExtensionProcess,
  config: Config,
  around: Surroundings,
  { bind, port, metricsPort }: ProcessAddress,
): Promise<StartedProcess> {
  const { clock, random, loggers, metrics } = around;
  const running = compose(around, config);
  const logger = loggers.named('http');
  const api = createApi<never>(endpoints, running as never, {
    ...{ authenticators: NOBODY, rateLimits: new RateLimits(config.rateLimits, clock), clock, random },
    log: new RequestLog({ logger, access: config.logging.access, slowMs: SLOW_MS, metrics }),
    maxBody: config.limits.maxBody,
    bodyTimeoutMs: config.limits.requestTimeout,
  });
  metrics.gauge('http_requests_running', 'Requests that are not answered yet.', () => api.running);
  const xForwardedProxies = [...new Set(config.listeners.flatMap((listener) => listener.xForwardedProxies))];
  const server = new HttpServer(api, {
    ...{ clock, logger, graceMs: config.shutdown.grace },
    listeners: [{ bind, port, socketMode: '600', serves: ['client'], xForwardedProxies }],
    onUpgrade: (incoming, socket, head, address) => running.upgrade(incoming, socket, head, address),
    isHealthy: () => running.isHealthy(),
  });
  const metricsServer = config.metrics.enabled ? new MetricsServer(metrics) : undefined;
  await server.start();
  await metricsServer?.start(config.metrics.bind, metricsPort);
  running.start();
  return {
    urls: server.urls,
    async stop() {
      running.drain();
      await server.stop();
      await metricsServer?.stop();
      await running.stop();
    },
  };
}
