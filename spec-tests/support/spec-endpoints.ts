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
  return `${method.toLowerCase()} ${path
    .trim()
    .replace(/\{\w+\}/g, '{}')
    .replace(/\/$/, '')}`;
}

const byRoute = new Map<string, SpecEndpoint[]>();
for (const operation of specEndpoints) {
  const route = routeOf(operation.method, operation.path);
  byRoute.set(route, [...(byRoute.get(route) ?? []), operation]);
}

/** The operations of the specification at a path: it has two at that of invites, told apart by their bodies. */
export function specEndpointsAt(method: string, paths: readonly string[]): readonly SpecEndpoint[] {
  return paths.flatMap((path) => byRoute.get(routeOf(method, path)) ?? []);
}

/** The operation of the specification that an endpoint is: at one of its paths, of its name if there are several. */
export function specEndpointAt(method: string, paths: readonly string[], name: string): SpecEndpoint | undefined {
  const operations = specEndpointsAt(method, paths);
  return operations.find((operation) => operation.name === name) ?? operations[0];
}
