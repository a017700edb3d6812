import { type ApiSettings, createApi } from '../../src/http/create-api.ts';
import type { Endpoint } from '../../src/http/endpoint.ts';
import { type RateLimitSettings, RateLimits } from '../../src/http/rate-limits.ts';
import { RequestLog } from '../../src/http/request-log.ts';
import type { Authenticators, Requester } from '../../src/http/requester.ts';
import { HttpServer, type HttpServerSettings, type Listener } from '../../src/http/server.ts';
import { unknownToken } from '../../src/protocol/errors.ts';
import type { DeviceId } from '../../src/protocol/identifiers/device-id.ts';
import type { ServerName } from '../../src/protocol/identifiers/server-name.ts';
import type { UserId } from '../../src/protocol/identifiers/user-id.ts';
import type { Clock } from '../../src/util/clock.ts';
import { systemClock } from '../../src/util/clock.ts';
import { Loggers } from '../../src/util/logger.ts';
import { systemRandom } from '../../src/util/random.ts';

export const alice: Requester = {
  userId: '@alice:test' as UserId,
  deviceId: 'ALICE' as DeviceId,
  isGuest: false,
  isAdmin: false,
  isSuspended: false,
  isLocked: false,
  isRateLimited: true,
};

const PLENTY = { perSecond: 1_000_000, burst: 1_000_000 };

/** Buckets that never run dry, but for those named. */
export function rateLimitSettings(sizes: Partial<RateLimitSettings> = {}): RateLimitSettings {
  return {
    enabled: true,
    address: PLENTY,
    login: PLENTY,
    registration: PLENTY,
    message: PLENTY,
    roomCreation: PLENTY,
    join: PLENTY,
    invite: PLENTY,
    ephemeral: PLENTY,
    media: PLENTY,
    mediaDownload: PLENTY,
    keys: PLENTY,
    search: PLENTY,
    federation: PLENTY,
    general: PLENTY,
    ...sizes,
  };
}

export interface TestApiOptions {
  /** By access token; `alice` has the token `alice`. */
  readonly requesters?: Readonly<Record<string, Requester>>;
  readonly rateLimits?: Partial<RateLimitSettings>;
  readonly clock?: Clock;
  readonly listener?: Partial<Listener>;
  readonly settings?: Partial<ApiSettings>;
  readonly graceMs?: number;
  readonly onUpgrade?: HttpServerSettings['onUpgrade'];
}

export interface TestApi {
  readonly url: string;
  readonly server: HttpServer;
  /** What was logged, a line each. */
  readonly lines: readonly string[];
  stop(): Promise<void>;
}

/** The real mechanism behind a real port of this machine, with endpoints and requesters of the test. */
export async function startTestApi<S>(
  registry: readonly Endpoint<S>[],
  services: S,
  options: TestApiOptions = {},
): Promise<TestApi> {
  const lines: string[] = [];
  const clock = options.clock ?? systemClock;
  const loggers = new Loggers({ level: 'trace', format: 'json', write: (line) => lines.push(line) });
  const requesters = new Map(Object.entries({ alice, ...options.requesters }));
  const authenticators: Authenticators = {
    accessToken(token) {
      const requester = requesters.get(token);
      if (requester === undefined) throw unknownToken();
      return requester;
    },
    serverSignature: (request) => ({ serverName: (request.authorizations[0] ?? 'nobody') as ServerName }),
  };
  const api = createApi(registry, services, {
    authenticators,
    rateLimits: new RateLimits(rateLimitSettings(options.rateLimits), clock),
    log: new RequestLog({ logger: loggers.named('http'), access: true, slowMs: 60_000 }),
    clock,
    random: systemRandom,
    maxBody: 100_000,
    bodyTimeoutMs: 5_000,
    ...options.settings,
  });
  const listener = {
    bind: '127.0.0.1',
    port: 0,
    socketMode: '660',
    xForwardedProxies: [],
    serves: ['client', 'federation'] as const,
    ...options.listener,
  };
  const { graceMs = 2_000, onUpgrade } = options;
  const server = new HttpServer(api, { listeners: [listener], clock, graceMs, ...(onUpgrade ? { onUpgrade } : {}) });
  await server.start();
  return { url: server.urls[0] ?? '', server, lines, stop: () => server.stop() };
}
