import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { MatrixError, unrecognized } from '../protocol/errors.ts';
import type { Clock } from '../util/clock.ts';
import type { Random } from '../util/random.ts';
import { ApiRequest } from './api-request.ts';
import { authenticate, isRefusedLogin } from './authenticate.ts';
import { type CompiledEndpoint, compileEndpoint } from './compile-endpoint.ts';
import { PREFLIGHT_HEADERS } from './cors.ts';
import type { Answer, Endpoint } from './endpoint.ts';
import { mapError } from './map-error.ts';
import type { RateLimits } from './rate-limits.ts';
import { ClientGoneError, readBody } from './read-body.ts';
import { Reply } from './reply.ts';
import { requestIds } from './request-ids.ts';
import type { RequestLog } from './request-log.ts';
import type { Authenticators } from './requester.ts';
import { Router } from './router.ts';
import { send } from './send.ts';

export interface ApiSettings {
  readonly authenticators: Authenticators;
  readonly rateLimits: RateLimits;
  readonly log: Pick<RequestLog, 'finished' | 'failed'>;
  readonly clock: Clock;
  readonly random: Random;
  /** Bytes of a body of JSON. */
  readonly maxBody: number;
  /** Milliseconds for such a body to arrive. */
  readonly bodyTimeoutMs: number;
  /** What answers paths outside of {@link API_PREFIXES} that no endpoint has: the pages that people look at. */
  readonly pages?: (incoming: IncomingMessage, response: ServerResponse) => void;
  /** Sees every answer before it is sent; what it throws becomes the answer. For tests. */
  readonly onAnswer?: (endpoint: Endpoint<never>, status: number, body: string | undefined) => void;
}

/** Below these, what is unknown is `M_UNRECOGNIZED` and never a page. */
const API_PREFIXES = ['/_matrix/', '/.well-known/matrix/', '/_igchat/'];

/** Everything that clients and servers can ask for, ready to be put behind listeners. */
export class Api {
  readonly #router: Router;
  readonly #settings: ApiSettings;
  readonly #running = new Set<ApiRequest>();
  readonly #nextId: (incoming: IncomingMessage) => string;

  constructor(endpoints: readonly CompiledEndpoint[], settings: ApiSettings) {
    this.#router = new Router(endpoints);
    this.#settings = settings;
    this.#nextId = requestIds(settings.random);
  }

  /** Requests that have come in and are not answered yet. */
  get running(): number {
    return this.#running.size;
  }

  /**
   * Makes running requests finish soon and close their connections.
   *
   * @returns these connections: no others have anything to wait for.
   */
  finishSoon(): ReadonlySet<Socket> {
    for (const request of this.#running) request.finishSoon();
    return new Set([...this.#running].map((request) => request.connection));
  }

  /**
   * Answers one request; never rejects.
   *
   * @param accepts whether a path is served where the request came in.
   */
  async handle(
    incoming: IncomingMessage,
    response: ServerResponse,
    address: string,
    accepts: (path: string) => boolean = () => true,
  ): Promise<void> {
    const request = new ApiRequest(incoming, response, this.#nextId(incoming), address);
    if (incoming.method === 'OPTIONS') {
      response.writeHead(204, [...PREFLIGHT_HEADERS, 'X-Request-Id', request.id]).end();
      return;
    }
    this.#running.add(request);
    const started = performance.now();
    let endpoint: CompiledEndpoint | undefined;
    let bytes = 0;
    try {
      if (!accepts(request.path)) throw unrecognized();
      const match = this.#router.match(request.method, request.path);
      if (match === undefined) {
        if (this.#servePage(incoming, response, request)) return;
        throw unrecognized();
      }
      endpoint = match.endpoint;
      const sent = send(response, await this.#answer(endpoint, match.params, request, incoming), request.id);
      bytes = typeof sent === 'number' ? sent : await sent;
    } catch (error) {
      bytes = this.#fail(error, endpoint, request, response);
    }
    this.#running.delete(request);
    const ms = performance.now() - started;
    this.#settings.log.finished(request, { endpoint, status: response.statusCode, ms, bytes });
  }

  async #answer(
    endpoint: CompiledEndpoint,
    params: Readonly<Record<string, string | undefined>>,
    request: ApiRequest,
    incoming: IncomingMessage,
  ): Promise<Answer> {
    const { rateLimits, bodyTimeoutMs, clock } = this.#settings;
    if (endpoint.auth === 'none' && endpoint.rateLimit) rateLimits.byAddress(endpoint.rateLimit, request.address);
    if (endpoint.readsBody) {
      const body = readBody(incoming, { maxBytes: endpoint.maxBody, timeoutMs: bodyTimeoutMs, clock });
      request.body = body instanceof Promise ? await body : body;
    }
    const asking = this.#whoAsks(endpoint, request);
    const requester = asking instanceof Promise ? await asking : asking;
    if (requester !== undefined) {
      request.asker = 'serverName' in requester ? requester.serverName : requester.userId;
      if (endpoint.rateLimit) rateLimits.byRequester(endpoint.rateLimit, requester);
    } else if (endpoint.auth === 'optional' && endpoint.rateLimit) {
      rateLimits.byAddress(endpoint.rateLimit, request.address);
    }
    const body = endpoint.readBody(request);
    endpoint.checkParams(params);
    const query = endpoint.readQuery(request);
    const answer = await endpoint.handle({ params, query, body, requester, request });
    this.#showToTests(endpoint, answer);
    return answer;
  }

  /** At once where what is asked for is at hand, as it nearly always is. */
  #whoAsks(endpoint: CompiledEndpoint, request: ApiRequest): ReturnType<typeof authenticate> {
    const fail = (error: unknown): never => {
      if (isRefusedLogin(error)) this.#settings.rateLimits.refused(request.address);
      throw error;
    };
    try {
      const asking = authenticate(endpoint, request, this.#settings.authenticators);
      return asking instanceof Promise ? asking.catch(fail) : asking;
    } catch (error) {
      return fail(error);
    }
  }

  #showToTests(endpoint: CompiledEndpoint, answer: Answer): void {
    if (this.#settings.onAnswer === undefined) return;
    if (!(answer instanceof Reply)) this.#settings.onAnswer(endpoint.declared, 200, JSON.stringify(answer));
    else {
      const text = typeof answer.body === 'string' ? answer.body : undefined;
      this.#settings.onAnswer(endpoint.declared, answer.status, text);
    }
  }

  #servePage(incoming: IncomingMessage, response: ServerResponse, request: ApiRequest): boolean {
    const { pages } = this.#settings;
    if (pages === undefined || API_PREFIXES.some((prefix) => request.path.startsWith(prefix))) return false;
    response.once('close', () => this.#running.delete(request));
    pages(incoming, response);
    return true;
  }

  #fail(error: unknown, endpoint: CompiledEndpoint | undefined, request: ApiRequest, response: ServerResponse): number {
    const isGone = error instanceof ClientGoneError || (response.destroyed && !(error instanceof MatrixError));
    if (isGone) {
      response.destroy();
      return 0;
    }
    const { reply, unexpected } = mapError(error);
    if (unexpected !== undefined) this.#settings.log.failed(request, endpoint, unexpected);
    // In the middle of a body there is no way left to say what happened but to break off.
    if (response.headersSent) {
      response.destroy();
      return 0;
    }
    if (endpoint !== undefined) this.#settings.onAnswer?.(endpoint.declared, reply.status, String(reply.body));
    const sent = send(response, reply, request.id);
    return typeof sent === 'number' ? sent : 0;
  }
}

/**
 * Puts endpoints and the services that they need together. Does not compile if a service is missing.
 *
 * @throws if an endpoint is not declared correctly, or two have the same method and path.
 */
export function createApi<S>(registry: readonly Endpoint<S>[], services: S, settings: ApiSettings): Api {
  return new Api(
    registry.map((declared) => compileEndpoint(declared, services, settings.maxBody)),
    settings,
  );
}
