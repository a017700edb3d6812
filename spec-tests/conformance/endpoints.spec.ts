import assert from 'node:assert/strict';
import { registry } from '../../src/api/registry.ts';
import { ENDPOINTS_OF_FEATURES } from '../../src/api/unstable-features.ts';
import { extensionEndpoints } from '../../src/homeserver/extensions.ts';
import type { Endpoint } from '../../src/http/endpoint.ts';
import {
  routeOf,
  type SpecEndpoint,
  specEndpointAt,
  specEndpoints,
  specEndpointsAt,
} from '../support/spec-endpoints.ts';

const endpoints: readonly Endpoint<never>[] = [...registry, ...extensionEndpoints];

/** Operations of the specification that are served with other authentication than it says, and why. */
const OTHER_AUTHENTICATION: ReadonlyMap<string, string> = new Map([
  ['getRoomSummary', 'its security says signedRequest, its text that clients ask, without an account too'],
  ['getEventByTimestamp', 'between servers its security says accessToken, where there are only signatures'],
  ['getVersions', 'everybody is told the same, so that an expired token must not get in the way'],
]);

/** Operations that the specification limits and this server does not, and why. */
const NO_RATE_LIMIT: ReadonlyMap<string, string> = new Map([
  ['sync', 'waits by itself; a client that is refused falls behind and asks for more'],
  ['getWellknownSupport', 'constant'],
]);

/** Operations of the specification that are not served, and why. */
const LEFT_OUT: ReadonlyMap<string, string> = new Map([
  ['getAuthMetadata', 'there is no OAuth 2.0 yet: clients are to find the other ways to log in'],
]);

const OWN_PREFIX = /^\/_igchat\//;

/** Paths that old clients use for what has become `v3` or `v1`, or that a proposal had. */
function isAlias(path: string): boolean {
  return /^\/_matrix\/(client|media|federation)\/(r0|v1|v3|unstable)\//.test(path);
}

function authFits(endpoint: Endpoint<never>, operation: SpecEndpoint): boolean {
  if (endpoint.auth === operation.auth || OTHER_AUTHENTICATION.has(endpoint.name)) return true;
  // Both are access tokens, of whom only some are let in.
  return operation.auth === 'accessToken' && (endpoint.auth === 'admin' || endpoint.auth === 'appservice');
}

const found = endpoints.map((endpoint) => ({
  endpoint,
  operation: specEndpointAt(endpoint.method, endpoint.paths, endpoint.name),
}));

describe('registry', () => {
  it('has each method and path once', () => {
    const routes = endpoints.flatMap(({ method, paths }) =>
      paths.map((path) => `${method} ${path.replace(/\{\w+\}/g, '{}')}`),
    );
    assert.deepEqual(
      routes.filter((route, index) => routes.indexOf(route) !== index),
      [],
    );
  });

  it('calls operations as the specification does', () => {
    const wrong = found.filter(
      ({ endpoint, operation }) => operation !== undefined && operation.name !== endpoint.name,
    );
    assert.deepEqual(
      wrong.map(({ endpoint, operation }) => `${endpoint.name} is ${operation?.name}`),
      [],
    );
  });

  it('authenticates as the specification says', () => {
    const wrong = found.filter(({ endpoint, operation }) => operation !== undefined && !authFits(endpoint, operation));
    assert.deepEqual(
      wrong.map(({ endpoint, operation }) => `${endpoint.name}: ${endpoint.auth} in place of ${operation?.auth}`),
      [],
    );
  });

  it('limits the rate of what the specification limits', () => {
    const wrong = found.filter(
      ({ endpoint, operation }) =>
        operation?.rateLimited === true && endpoint.rateLimit === false && !NO_RATE_LIMIT.has(endpoint.name),
    );
    assert.deepEqual(
      wrong.map(({ endpoint }) => endpoint.name),
      [],
    );
  });

  it('says why it has what the specification does not have (`extension`)', () => {
    const wrong = found.filter(
      ({ endpoint, operation }) =>
        operation === undefined &&
        endpoint.extension === undefined &&
        !endpoint.paths.every((path) => OWN_PREFIX.test(path)),
    );
    assert.deepEqual(
      wrong.map(({ endpoint }) => `${endpoint.name} ${endpoint.paths[0]}`),
      [],
    );
  });

  it('adds to the paths of the specification only aliases that clients use', () => {
    const known = new Set(specEndpoints.map((operation) => routeOf(operation.method, operation.path)));
    const wrong = found.flatMap(({ endpoint, operation }) =>
      operation === undefined
        ? []
        : endpoint.paths.filter((path) => !known.has(routeOf(endpoint.method, path)) && !isAlias(path)),
    );
    assert.deepEqual(wrong, []);
  });

  it('has no flag in GET /versions that depends on an endpoint which cannot be', () => {
    const possible = new Set([...specEndpoints, ...endpoints].map(({ name }) => name));
    assert.deepEqual(
      [...ENDPOINTS_OF_FEATURES].filter((name) => !possible.has(name)),
      [],
    );
  });

  it('offers all of the server-server API', () => {
    const offered = new Set(endpoints.flatMap(({ method, paths }) => specEndpointsAt(method, paths)));
    const missing = specEndpoints.filter((operation) => operation.api === 'server' && !offered.has(operation));
    assert.deepEqual(
      missing.map(({ area, name }) => `${area}: ${name}`),
      [],
    );
  });

  it('offers all of the specification but what is left out for a reason', () => {
    const offered = new Set(endpoints.flatMap(({ method, paths }) => specEndpointsAt(method, paths)));
    const missing = specEndpoints.filter((operation) => !offered.has(operation));
    assert.deepEqual(missing.map(({ name }) => name).toSorted(), [...LEFT_OUT.keys()].toSorted());
  });
});
