/** The part of the composition that faces the network: endpoints, listeners, metrics. */
import { registry } from '../api/registry.ts';
import type { Config } from '../config/schema.ts';
import type { Services, Surroundings } from '../homeserver.ts';
import { limitKey } from '../http/client-address.ts';
import { type Api, createApi } from '../http/create-api.ts';
import type { Endpoint } from '../http/endpoint.ts';
import { MetricsServer } from '../http/metrics-server.ts';
import { RateLimits } from '../http/rate-limits.ts';
import { RequestLog } from '../http/request-log.ts';
import type { Authenticators } from '../http/requester.ts';
import { HttpServer } from '../http/server.ts';
import { endpointsOfExtensions } from './extensions.ts';

/** Milliseconds from which a request that is not a long poll is reported. */
const SLOW_MS = 5_000;

/** What listens for a homeserver. */
export interface HomeserverHttp {
  readonly api: Api;
  readonly urls: readonly string[];
  stop(): Promise<void>;
}

/** Binds every endpoint to the services and opens the listeners of the configuration. */
export async function startHttp(config: Config, around: Surroundings, services: Services): Promise<HomeserverHttp> {
  const { clock, random, loggers, metrics } = around;
  const { access } = config.logging;
  // The services of an extension are among those of the homeserver.
  const ofExtensions = endpointsOfExtensions(config) as readonly Endpoint<Services>[];
  const api = createApi([...registry, ...ofExtensions], services, {
    authenticators: authenticatorsOf(services),
    rateLimits: new RateLimits(config.rateLimits, clock),
    log: new RequestLog({ logger: loggers.named('http'), access, slowMs: SLOW_MS, metrics }),
    clock,
    random,
    maxBody: config.limits.maxBody,
    bodyTimeoutMs: config.limits.requestTimeout,
    ...(around.onAnswer ? { onAnswer: around.onAnswer } : {}),
  });
  metrics.gauge('http_requests_running', 'Requests that are not answered yet.', () => api.running);
  const server = new HttpServer(api, {
    listeners: config.listeners,
    clock,
    graceMs: config.shutdown.grace,
    logger: loggers.named('http'),
    onUpgrade: (incoming, socket, head, address) =>
      services.extensions.some((extension) => extension.upgrade(incoming, socket, head, address)),
    isHealthy: () => services.storage.read(async (tx) => (await tx.accounts.user('')) === undefined),
  });
  const metricsServer = config.metrics.enabled ? new MetricsServer(metrics) : undefined;
  await server.start();
  await metricsServer?.start(config.metrics.bind, config.metrics.port);
  return {
    api,
    urls: server.urls,
    async stop() {
      await server.stop();
      await metricsServer?.stop();
    },
  };
}

function authenticatorsOf(services: Services): Authenticators {
  const { appserviceAuthenticator, sessionAuthenticator, serverAuthenticator, outbox } = services;
  return {
    accessToken: (token, request) =>
      appserviceAuthenticator.accessToken(token, request) ?? sessionAuthenticator.accessToken(token, request),
    async serverSignature(request) {
      const server = await serverAuthenticator.authenticate(request, limitKey(request.address));
      outbox.heard(server.serverName);
      return server;
    },
  };
}
