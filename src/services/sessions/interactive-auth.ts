import { forbidden, invalidParam, MatrixError, missingParam } from '../../protocol/errors.ts';
import { isJsonObject, type JsonObject } from '../../protocol/json.ts';
import { ConflictError } from '../../storage/contract/write-set.ts';
import {
  type InteractiveRequest,
  type InteractiveSession,
  InteractiveSessions,
  type InteractiveSessionsParts,
  tooLate,
} from './interactive-sessions.ts';
import type { PassedStage, Stage } from './stages.ts';

/** To be sent with status 401, or the stages that were passed with what is known of them. */
export type InteractiveOutcome =
  | { readonly challenge: JsonObject }
  | {
      readonly challenge?: undefined;
      /** Undefined if one request was enough. */
      readonly sessionHash: Uint8Array | undefined;
      readonly details: ReadonlyMap<string, string | null>;
    };

export interface InteractiveAuthDependencies extends InteractiveSessionsParts {
  readonly stages: readonly Stage[];
  /** How the owner of an account can prove who they are: alternatives, each a type of stage. */
  readonly ownerStages: (userId: string) => Promise<readonly string[]>;
}

/**
 * The User-Interactive Authentication API.
 * Source: https://spec.matrix.org/v1.19/client-server-api/#user-interactive-authentication-api
 */
export class InteractiveAuth {
  readonly #ownerStages: InteractiveAuthDependencies['ownerStages'];
  readonly #stages: ReadonlyMap<string, Stage>;
  readonly #sessions: InteractiveSessions;

  constructor(dependencies: InteractiveAuthDependencies) {
    this.#ownerStages = dependencies.ownerStages;
    this.#sessions = new InteractiveSessions(dependencies);
    this.#stages = new Map(dependencies.stages.map((stage) => [stage.type, stage]));
  }

  /** Lets the owner of an account confirm an operation: with the password, or as they log in. */
  async confirm(userId: string, operation: string, body: JsonObject, isOnce = false): Promise<InteractiveOutcome> {
    const flows = (await this.#ownerStages(userId)).map((type) => [type]);
    return this.authorize({ operation, userId, body, flows, bindsBody: true, isOnce });
  }

  /** @throws 403 `M_FORBIDDEN` if the session belongs to another request; 429 `M_LIMIT_EXCEEDED` */
  async authorize(request: InteractiveRequest): Promise<InteractiveOutcome> {
    const auth = isJsonObject(request.body['auth']) ? request.body['auth'] : undefined;
    const id = auth?.['session'];
    const session = typeof id === 'string' ? await this.#sessions.find(id, request) : this.#sessions.fresh();
    if (auth === undefined) return this.#challenge(request, session);
    if (session === undefined) {
      return this.#challenge(request, this.#sessions.fresh(), invalidParam('This session is unknown or has expired'));
    }
    const { type } = auth;
    if (typeof type === 'string' && this.#stages.get(type)?.isOfAnother?.(auth, request.userId)) {
      throw forbidden('This is the name of another user');
    }
    if (typeof type === 'string' && !session.passed.has(type)) return this.#attempt(request, session, auth, type);
    if (!isComplete(request, session.passed)) return this.#challenge(request, session);
    if (request.isOnce && !(await this.#sessions.end(session))) {
      return this.#challenge(request, this.#sessions.fresh(), forbidden('This was used up just now'));
    }
    return { sessionHash: session.hash, details: session.passed };
  }

  /**
   * Passes a stage of a registration outside of the client's requests, as on a page of this server.
   * @throws 400 `M_INVALID_PARAM` for a session that is unknown or has expired; what the stage throws
   */
  async pass(sessionId: string, auth: JsonObject & { readonly type: string }): Promise<void> {
    const stage = this.#stages.get(auth.type);
    if ((await this.question(sessionId)).userId !== undefined || stage === undefined) throw tooLate();
    await this.#sessions.pass(sessionId, auth.type, await stage.check(auth, undefined));
  }

  /**
   * Passes a stage for somebody who has proven who they are in a browser.
   * @throws 400 `M_INVALID_PARAM` for a session that is unknown or has expired; 403 `M_FORBIDDEN` if it is somebody else's
   */
  async passFor(sessionId: string, type: string, userId: string): Promise<void> {
    const { userId: asked } = await this.question(sessionId);
    if (asked !== userId) throw forbidden('You have logged in as somebody else than the one who is asked');
    await this.#sessions.pass(sessionId, type, {});
  }

  /**
   * What a session is for, and who has to prove who they are: undefined when registering.
   * @throws 400 `M_INVALID_PARAM` for a session that is unknown or has expired
   */
  question(sessionId: string): Promise<{ operation: string; userId: string | undefined }> {
    return this.#sessions.question(sessionId);
  }

  /** The session of a registration that is complete, by the id that the client has of it. */
  registeredUser(sessionId: string): Promise<string | undefined> {
    return this.#sessions.registeredUser(sessionId);
  }

  /** Deletes expired sessions, `limit` at most; registration tokens shown in them can be used again. */
  prune(limit: number): Promise<void> {
    return this.#sessions.prune(limit);
  }

  async #attempt(
    request: InteractiveRequest,
    session: InteractiveSession,
    auth: JsonObject,
    type: string,
  ): Promise<InteractiveOutcome> {
    let passed: PassedStage;
    try {
      passed = await this.#check(request, auth, type);
    } catch (error) {
      if (!(error instanceof MatrixError) || error.errcode === 'M_LIMIT_EXCEEDED') throw error;
      return this.#challenge(request, session, error);
    }
    const after = { ...session, passed: new Map(session.passed).set(type, passed.detail ?? null) };
    const isDone = isComplete(request, after.passed);
    if (isDone && !session.isStored && passed.addWrites === undefined) {
      return { sessionHash: undefined, details: after.passed };
    }
    try {
      if (isDone && request.isOnce) {
        await this.#sessions.finish(session, passed);
      } else await this.#sessions.keep(request, session, type, passed);
    } catch (error) {
      if (error instanceof ConflictError)
        return this.#challenge(request, session, forbidden('This was used up just now'));
      throw error;
    }
    if (isDone) return { sessionHash: session.hash, details: after.passed };
    return this.#challenge(request, { ...after, isStored: true });
  }

  async #check(request: InteractiveRequest, auth: JsonObject, type: string): Promise<PassedStage> {
    const stage = this.#stages.get(type);
    if (stage === undefined || !request.flows.some((flow) => flow.includes(type))) {
      throw type === '' ? missingParam('"auth.type" is missing') : invalidParam(`"${type}" is not asked for here`);
    }
    return stage.check(auth, request.userId);
  }

  /** What the stages of a request need to be told, by their types. */
  #params(request: InteractiveRequest): JsonObject {
    const params: JsonObject = {};
    for (const type of new Set(request.flows.flat())) {
      const told = this.#stages.get(type)?.params;
      if (told) params[type] = told;
    }
    return params;
  }

  async #challenge(
    request: InteractiveRequest,
    session: InteractiveSession | undefined,
    refusal?: MatrixError,
  ): Promise<InteractiveOutcome> {
    const offered = session ?? this.#sessions.fresh();
    if (!offered.isStored) await this.#sessions.begin(request, offered);
    return {
      challenge: {
        ...(refusal === undefined ? {} : { errcode: refusal.errcode, error: refusal.message }),
        flows: request.flows.map((stages) => ({ stages: [...stages] })),
        params: this.#params(request),
        session: offered.id,
        ...(offered.passed.size === 0 ? {} : { completed: [...offered.passed.keys()] }),
      },
    };
  }
}

function isComplete(request: InteractiveRequest, passed: ReadonlyMap<string, unknown>): boolean {
  return request.flows.some((flow) => flow.every((stage) => passed.has(stage)));
}
