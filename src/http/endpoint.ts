import type { Static, TObject, TSchema, TUndefined } from 'typebox';
import type { ApiRequest } from './api-request.ts';
import type { PathParams } from './path-params.ts';
import type { RateLimitBucket } from './rate-limits.ts';
import type { Reply } from './reply.ts';
import type { AuthScheme, Requester, RequesterOf, ServerRequester } from './requester.ts';

export type Method = 'get' | 'post' | 'put' | 'delete' | 'patch';

/** In which state an account may use an endpoint. */
export interface Allow {
  /** Guest accounts; refused unless this is true. */
  readonly guests?: boolean;
  /** Suspended accounts; unless said otherwise they may read (`get`) and nothing else. */
  readonly suspended?: boolean;
  /** Locked accounts; refused unless this is true. */
  readonly locked?: boolean;
}

/** What a handler answers: an object to be sent as JSON with status 200, or a {@link Reply}. */
export type Answer = object | Reply;

export interface EndpointContext<Path extends string, Q extends TObject, B extends TSchema, A extends AuthScheme> {
  /** Percent-decoded. Those called `roomId`, `userId`, `eventId` and so on are checked to be that. */
  readonly params: PathParams<Path>;
  readonly query: Static<Q>;
  readonly body: Static<B>;
  readonly requester: RequesterOf<A>;
  readonly request: ApiRequest;
}

interface Declared {
  /** operationId of the specification. */
  readonly name: string;
  readonly method: Method;
  readonly auth: AuthScheme;
  /** A bucket of the configuration: by address without a requester, else by requester. */
  readonly rateLimit: RateLimitBucket | false;
  readonly allow?: Allow;
  /** Restrictions of path parameters beyond what their names imply. */
  readonly params?: TObject;
  /** Of a successful answer; looked at in tests only. */
  readonly response?: TSchema;
  /** One sentence on what it is for. */
  readonly summary?: string;
  /** Of an operation that the specification does not have: the proposal that does, or what it is good for. */
  readonly extension?: string;
  /** `json` unless told otherwise; `raw` leaves the body to the handler (`request.stream(maxBytes)`). */
  readonly bodyKind?: 'json' | 'raw';
  /** Bytes; in place of the configured limit where that is smaller. */
  readonly maxBody?: number;
  /** Answers late on purpose: left out of the report of slow requests. */
  readonly longPoll?: boolean;
}

export interface Declaration<Path extends string, A extends AuthScheme, Q extends TObject, B extends TSchema, S>
  extends Declared {
  /** `/_matrix/client/v3/rooms/{roomId}/typing/{userId}`; all of them are the same endpoint. */
  readonly paths: readonly Path[];
  readonly auth: A;
  readonly query?: Q;
  readonly body?: B;
  handle(context: EndpointContext<Path, Q, B, A>, services: S): Answer | Promise<Answer>;
}

/** What a handler is called with when its types no longer matter: checked by the schemas of the endpoint. */
export interface CheckedContext {
  readonly params: Readonly<Record<string, string | undefined>>;
  readonly query: object;
  readonly body: unknown;
  readonly requester: Requester | ServerRequester | undefined;
  readonly request: ApiRequest;
}

/** An endpoint as the registry holds it. `S` is what its handler needs of the services. */
export interface Endpoint<in S> extends Declared {
  readonly paths: readonly string[];
  readonly query?: TObject;
  readonly body?: TSchema;
  readonly handle: (context: CheckedContext, services: S) => Answer | Promise<Answer>;
}

/**
 * Declares an endpoint. `params`, `query`, `body` and `requester` of the handler get their types from the declaration;
 * the services that it needs are the annotated type of its second parameter:
 * `handle({ params, body }, { typing }: { typing: TypingService })`.
 */
export function endpoint<
  const Path extends string,
  A extends AuthScheme,
  Q extends TObject = TObject<Record<never, never>>,
  B extends TSchema = TUndefined,
  S = unknown,
>(declaration: Declaration<Path, A, Q, B, S>): Endpoint<S> {
  // The schemas vouch for what the types of the context promise.
  return declaration as unknown as Endpoint<S>;
}
