/**
 * What is done in a channel, declared once: an endpoint for HTTP, and the same by the frame `mod` of the gateway, with
 * the same checks of what is asked.
 */
import Type, { type Static, type TObject } from 'typebox';
import { type Endpoint, endpoint, type Method } from '../../http/endpoint.ts';
import type { RateLimitBucket } from '../../http/rate-limits.ts';
import { bodyValidator } from '../../http/validate.ts';
import type { JsonObject } from '../../protocol/json.ts';
import type { LiveServices } from '../live-services.ts';
import type { Channel } from '../services/channel-book.ts';
import { CHANNEL_PATH, EXTENSION } from './paths.ts';
import { actorOf } from './platform.ts';

/** Who does it. */
export interface Actor {
  readonly userId: string;
  readonly deviceId?: string | undefined;
  readonly isAdmin: boolean;
}

export interface ActionDeclaration<A extends TObject> {
  readonly name: string;
  /** What the frame `mod` calls it; undefined: it is for HTTP alone. */
  readonly does?: string;
  readonly summary: string;
  readonly method: Method;
  /** Below the channel, as `/timeouts/{user}`. Its parameters are arguments. */
  readonly path: string;
  readonly rateLimit?: RateLimitBucket;
  /** Whether the platform does it, too, by requests that it signs. */
  readonly isForPlatform?: boolean;
  /** The body, and the parameters of the path. */
  readonly args: A;
  run(services: LiveServices, by: Actor, channel: Channel, args: Static<A>): Promise<object>;
}

export interface LiveAction {
  readonly does: string | undefined;
  readonly endpoint: Endpoint<{ live: LiveServices }>;
  /** For the gateway. @throws MatrixError */
  perform(services: LiveServices, by: Actor, channel: Channel, json: JsonObject): Promise<object>;
}

export function liveAction<const A extends TObject>(declaration: ActionDeclaration<A>): LiveAction {
  const { name, does, summary, method, path, rateLimit = 'message', isForPlatform = false, args, run } = declaration;
  const check = bodyValidator(args);
  return {
    does,
    endpoint: liveEndpoint({ name, summary, method, path, rateLimit, isForPlatform, args, check, run: run as Run }),
    async perform(services, by, channel, json) {
      check(json);
      return run(services, by, channel, json as Static<A>);
    },
  };
}

type Run = (services: LiveServices, by: Actor, channel: Channel, args: never) => Promise<object>;

interface Given {
  readonly params: Readonly<Record<string, string>>;
  readonly query: object;
  readonly body: object;
}

interface EndpointParts {
  readonly name: string;
  readonly summary: string;
  readonly method: Method;
  readonly path: string;
  readonly rateLimit: RateLimitBucket;
  readonly isForPlatform: boolean;
  readonly args: TObject;
  readonly check: (value: unknown) => void;
  readonly run: Run;
}

function liveEndpoint({
  path,
  args,
  check,
  run,
  isForPlatform,
  ...rest
}: EndpointParts): Endpoint<{ live: LiveServices }> {
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
  const asked = Type.Object(
    Object.fromEntries(Object.entries(args.properties).filter(([name]) => !inPath.includes(name))),
  );
  const common = {
    ...rest,
    extension: EXTENSION,
    paths: [`${CHANNEL_PATH}${path}` as typeof CHANNEL_PATH] as const,
    ...(rest.method === 'get' ? { query: asked } : { body: asked }),
  };
  const act = (live: LiveServices, { userId, deviceId, isAdmin }: Actor, { params, query, body }: Given) => {
    const { channel = '', ...named } = params;
    const given: object = Object.assign(Object.create(null), query, body, named);
    check(given);
    return run(live, { userId, deviceId, isAdmin }, live.book.get(channel), given as never);
  };
  return isForPlatform
    ? endpoint({
        ...{ ...common, auth: 'optional' },
        handle: async (context, { live }: { live: LiveServices }) => act(live, actorOf(live, context), context),
      })
    : endpoint({
        ...{ ...common, auth: 'accessToken' },
        handle: async (context, { live }: { live: LiveServices }) => act(live, context.requester, context),
      });
}
