import endpoints from '../fixtures/spec-endpoints.json' with { type: 'json' };
import responses from '../fixtures/spec-responses.json' with { type: 'json' };

/** An operation of the specification. */
export interface SpecEndpoint {
  readonly api: 'client' | 'server';
  /** The document of the specification that it is in. */
  readonly area: string;
  /** operationId */
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly auth: 'none' | 'optional' | 'accessToken' | 'appservice' | 'serverSignature';
  /** Whether 429 is among its answers. */
  readonly rateLimited: boolean;
  readonly deprecated: boolean;
}

export const specEndpoints = endpoints as readonly SpecEndpoint[];

/** JSON Schemas of answers with status 200, by `<method> <path>`, with what they refer to. */
export const specResponses: {
  readonly $defs: object;
  readonly responses: Readonly<Record<string, object>>;
} = responses;

/** Method and path with the names of parameters left out: what makes two endpoints the same. */
export function routeOf(method: string, path: string): string {
  return `${method.toLowerCase()} ${path.replace(/\{\w+\}/g, '{}').replace(/\/$/, '')}`;
}

const byRoute = new Map(specEndpoints.map((endpoint) => [routeOf(endpoint.method, endpoint.path), endpoint]));

/** The operation of the specification that is served at one of the paths. */
export function specEndpointAt(method: string, paths: readonly string[]): SpecEndpoint | undefined {
  for (const path of paths) {
    const found = byRoute.get(routeOf(method, path));
    if (found !== undefined) return found;
  }
  return undefined;
}
