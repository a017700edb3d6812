import FindMyWay from 'find-my-way';
import { invalidParam, unrecognized } from '../protocol/errors.ts';
import type { CompiledEndpoint } from './compile-endpoint.ts';

type HttpMethod = 'GET' | 'POST' | 'PUT' | 'DELETE' | 'PATCH';
const METHODS: readonly HttpMethod[] = ['GET', 'POST', 'PUT', 'DELETE', 'PATCH'];

export interface Match {
  readonly endpoint: CompiledEndpoint;
  readonly params: Readonly<Record<string, string | undefined>>;
}

/** Room aliases, state keys and transaction ids are at most 255 bytes each; beyond this, a path is no path of ours. */
const MAX_PARAM_LENGTH = 4096;

/** Finds endpoints by method and path, and decodes the parameters in the path. */
export class Router {
  readonly #routes = FindMyWay({
    caseSensitive: true,
    maxParamLength: MAX_PARAM_LENGTH,
    // The query is read by the endpoint, from what was sent.
    querystringParser: () => NO_QUERY,
    onBadUrl: () => undefined,
  });

  /** Of paths without parameters, by method and path: the one that clients ask for all the time is among them. */
  readonly #fixed = new Map<string, Match>();

  constructor(endpoints: Iterable<CompiledEndpoint>) {
    for (const endpoint of endpoints) {
      const method = endpoint.method.toUpperCase() as HttpMethod;
      for (const path of endpoint.paths) {
        if (!path.includes('{')) this.#fixed.set(`${method} ${path}`, { endpoint, params: NO_PARAMS });
        this.#routes.on(method, path.replaceAll(':', '::').replace(/\{(\w+)\}/g, ':$1'), () => undefined, endpoint);
      }
    }
  }

  /**
   * Undefined if no endpoint has this path. 405 `M_UNRECOGNIZED` if one has it with another method; 400
   * `M_INVALID_PARAM` if the path is not well percent-encoded. `HEAD` is answered by `GET`.
   */
  match(method: string, path: string): Match | undefined {
    const asked = method === 'HEAD' ? 'GET' : method;
    const found = this.#fixed.get(`${asked} ${path}`) ?? this.#find(asked, path);
    if (found === undefined && METHODS.some((other) => this.#find(other, path) !== undefined)) throw unrecognized(405);
    return found;
  }

  #find(method: string, path: string): Match | undefined {
    const found = this.#routes.find(method as HttpMethod, path);
    if (found === null) return undefined;
    // The router answers a path that it cannot decode with a handler of its own, which has no store.
    if (found.store === null || found.store === undefined) throw invalidParam('The path is not well percent-encoded');
    return { endpoint: found.store as CompiledEndpoint, params: found.params };
  }
}

const NO_QUERY = Object.freeze({});
const NO_PARAMS = Object.freeze({});
