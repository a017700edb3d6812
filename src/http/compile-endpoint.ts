import { notJson } from '../protocol/errors.ts';
import type { ApiRequest } from './api-request.ts';
import type { Answer, CheckedContext, Endpoint, Method } from './endpoint.ts';
import { parseJson, parseServerJson } from './parse-json.ts';
import { type ParamsCheck, paramsCheck } from './path-params.ts';
import { type QueryReader, queryReader } from './query.ts';
import type { RateLimitBucket } from './rate-limits.ts';
import type { AuthScheme } from './requester.ts';
import { jsonObject } from './schemas.ts';
import { bodyValidator } from './validate.ts';

/** An endpoint made ready: schemas compiled, defaults filled in, services bound. */
export interface CompiledEndpoint {
  readonly name: string;
  readonly method: Method;
  readonly paths: readonly string[];
  readonly auth: AuthScheme;
  readonly rateLimit: RateLimitBucket | false;
  readonly allowGuests: boolean;
  readonly allowSuspended: boolean;
  readonly allowLocked: boolean;
  /** Whether the mechanism reads the body. */
  readonly readsBody: boolean;
  readonly maxBody: number;
  readonly longPoll: boolean;
  readonly checkParams: ParamsCheck;
  readonly readQuery: QueryReader;
  readonly readBody: (request: ApiRequest) => unknown;
  readonly handle: (context: CheckedContext) => Answer | Promise<Answer>;
  /** As it was declared: for those who check answers. */
  readonly declared: Endpoint<never>;
}

/** Throws for a schema that cannot be compiled. */
export function compileEndpoint<S>(declared: Endpoint<S>, services: S, maxBody: number): CompiledEndpoint {
  const { allow = {}, method } = declared;
  try {
    return {
      name: declared.name,
      method,
      paths: declared.paths,
      auth: declared.auth,
      rateLimit: declared.rateLimit,
      allowGuests: allow.guests ?? false,
      allowSuspended: allow.suspended ?? method === 'get',
      allowLocked: allow.locked ?? false,
      readsBody: declared.bodyKind !== 'raw',
      maxBody: Math.max(maxBody, declared.maxBody ?? 0),
      longPoll: declared.longPoll ?? false,
      checkParams: paramsCheck(declared.params),
      readQuery: queryReader(declared.query),
      readBody: bodyReader(declared),
      handle: (context) => declared.handle(context, services),
      declared: declared as Endpoint<never>,
    };
  } catch (cause) {
    throw new Error(`The endpoint ${declared.name} is not declared correctly`, { cause });
  }
}

/** Clients leave the body out where it has nothing to say: then it is the empty object, if that will do. */
function bodyReader(declared: Pick<Endpoint<never>, 'body' | 'auth'>): CompiledEndpoint['readBody'] {
  const schema = declared.body;
  if (schema === undefined) return () => undefined;
  const parse = declared.auth === 'serverSignature' ? parseServerJson : parseJson;
  const validate = bodyValidator(schema);
  return ({ body }) => {
    if (body.length > 0) {
      const value = parse(body);
      validate(value);
      return value;
    }
    const empty = {};
    if (schema === jsonObject) throw missingBody();
    try {
      validate(empty);
    } catch {
      throw missingBody();
    }
    return empty;
  };
}

function missingBody() {
  return notJson('The request needs a body of JSON');
}
