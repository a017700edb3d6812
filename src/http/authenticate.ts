import {
  forbidden,
  guestAccessForbidden,
  MatrixError,
  missingToken,
  userLocked,
  userSuspended,
} from '../protocol/errors.ts';
import type { ApiRequest } from './api-request.ts';
import type { CompiledEndpoint } from './compile-endpoint.ts';
import type { Authenticators, Requester, ServerRequester } from './requester.ts';

type Asker = Requester | ServerRequester | undefined;

/** Learns who asks, by the scheme of the endpoint. 401 or 403 as the specification says. */
export function authenticate(
  endpoint: CompiledEndpoint,
  request: ApiRequest,
  authenticators: Authenticators,
): Asker | Promise<Asker> {
  if (endpoint.auth === 'none') return undefined;
  if (endpoint.auth === 'serverSignature') return authenticators.serverSignature(request);
  const token = accessTokenOf(request);
  if (token === undefined) {
    if (endpoint.auth === 'optional') return undefined;
    throw missingToken();
  }
  const requester = authenticators.accessToken(token, request);
  return requester instanceof Promise
    ? requester.then((found) => admitted(endpoint, found))
    : admitted(endpoint, requester);
}

/** The access token of a request: from `Authorization: Bearer`, or from the query, which is deprecated but still what some old clients do. */
export function accessTokenOf(request: ApiRequest): string | undefined {
  const header = request.headers.authorization;
  if (header !== undefined && header.length > 7 && header.slice(0, 7).toLowerCase() === 'bearer ') {
    return header.slice(7).trim() || undefined;
  }
  return request.search.includes('access_token=') ? request.queryParam('access_token') || undefined : undefined;
}

/** Whether the state of the account allows to use the endpoint. */
function admitted(endpoint: CompiledEndpoint, requester: Requester): Requester {
  if (requester.isLocked && !endpoint.allowLocked) throw userLocked();
  if (requester.isSuspended && !endpoint.allowSuspended) throw userSuspended();
  if (requester.isGuest && !endpoint.allowGuests) throw guestAccessForbidden();
  if (endpoint.auth === 'admin' && !requester.isAdmin) throw forbidden('You are not a server administrator');
  if (endpoint.auth === 'appservice' && requester.appserviceId === undefined) {
    throw forbidden('Only application services can do this');
  }
  return requester;
}

/** Whether the error says that nobody is known to have asked: such requests count against the address. */
export function isRefusedLogin(error: unknown): boolean {
  return error instanceof MatrixError && error.status === 401;
}
