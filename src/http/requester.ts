import type { DeviceId } from '../protocol/identifiers/device-id.ts';
import type { ServerName } from '../protocol/identifiers/server-name.ts';
import type { UserId } from '../protocol/identifiers/user-id.ts';
import type { ApiRequest } from './api-request.ts';

/** Who asks, once the access token has been looked up. */
export interface Requester {
  readonly userId: UserId;
  /** Absent for application services that act without a device. */
  readonly deviceId?: DeviceId;
  /** Names the session in storage; never the token itself. */
  readonly tokenId?: string;
  readonly isGuest: boolean;
  readonly isAdmin: boolean;
  readonly isSuspended: boolean;
  readonly isLocked: boolean;
  /** The id of the application service whose token was given. */
  readonly appserviceId?: string;
  /** False: no rate limits (bots and bridges that the configuration names, `rate_limited: false` registrations). */
  readonly isRateLimited: boolean;
  /** How many times as high as configured the limits are; 1 unless told otherwise. */
  readonly limitFactor?: number;
}

export type AppserviceRequester = Requester & { readonly appserviceId: string };

/** The server that signed the request. */
export interface ServerRequester {
  readonly serverName: ServerName;
}

/**
 * What the mechanism asks to learn who somebody is. Both throw a `MatrixError` when they refuse. An answer without
 * a promise costs the hot path nothing.
 */
export interface Authenticators {
  /** `request` is there for `user_id` and `device_id` in the query of an application service. */
  accessToken(token: string, request: ApiRequest): Requester | Promise<Requester>;
  /** Checks `X-Matrix` of `request.authorizations` over method, target and the bytes of the body. */
  serverSignature(request: ApiRequest): ServerRequester | Promise<ServerRequester>;
}

/**
 * `optional` takes a token where there is one. `appservice` wants the token of an application service, `admin` that
 * of a server administrator, `serverSignature` the signature of another server.
 */
export type AuthScheme = 'none' | 'optional' | 'accessToken' | 'appservice' | 'serverSignature' | 'admin';

export type RequesterOf<A extends AuthScheme> = A extends 'none'
  ? undefined
  : A extends 'optional'
    ? Requester | undefined
    : A extends 'serverSignature'
      ? ServerRequester
      : A extends 'appservice'
        ? AppserviceRequester
        : Requester;
