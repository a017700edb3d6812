import { createHmac } from 'node:crypto';
import { forbidden, invalidParam, MatrixError, missingParam } from '../../protocol/errors.ts';
import { isJsonObject, type JsonObject } from '../../protocol/json.ts';
import type { UiaSessionRow } from '../../storage/contract/sessions.ts';
import type { Storage } from '../../storage/contract/storage.ts';
import { ConflictError, WriteSet } from '../../storage/contract/write-set.ts';
import type { Clock } from '../../util/clock.ts';
import type { Random } from '../../util/random.ts';
import { type PassedStage, REGISTRATION_TOKEN, type Stage } from './stages.ts';
import { hashToken, newToken } from './tokens.ts';

export interface InteractiveRequest {
  /** What it is for, with the path parameters, as `deleteDevice ABCDEF`: a session is good for one operation. */
  readonly operation: string;
  /** Who has to prove who they are; undefined when registering. */
  readonly userId: string | undefined;
  /** The whole body; its key `auth` is what the client proves. */
  readonly body: JsonObject;
  /** Alternatives, each a list of stages that all must be passed. */
  readonly flows: readonly (readonly string[])[];
  /** Whether the rest of the body must stay the same from the first request to the last. */
  readonly bindsBody: boolean;
  /** Whether a session is good for one time only, and not for repeating the request after its reply was lost. */
  readonly isOnce: boolean;
}

/** To be sent with status 401, or the stages that were passed with what is known of them. */
export type InteractiveOutcome =
  | { readonly challenge: JsonObject }
  | {
      readonly challenge?: undefined;
      /** Undefined if one request was enough. */
      readonly sessionHash: Uint8Array | undefined;
      readonly details: ReadonlyMap<string, string | null>;
    };

export interface InteractiveAuthDependencies {
  readonly storage: Storage;
  readonly clock: Clock;
  readonly random: Random;
  readonly stages: readonly Stage[];
  /** How the owner of an account can prove who they are: alternatives, each a type of stage. */
  readonly ownerStages: (userId: string) => Promise<readonly string[]>;
  /** Milliseconds. */
  readonly lifetime: number;
}

interface Session {
  readonly id: string;
  readonly hash: Uint8Array;
  readonly isStored: boolean;
  readonly passed: ReadonlyMap<string, string | null>;
}

/**
 * The User-Interactive Authentication API.
 * Source: https://spec.matrix.org/v1.19/client-server-api/#user-interactive-authentication-api
 */
export class InteractiveAuth {
  readonly #with: InteractiveAuthDependencies;
  readonly #stages: ReadonlyMap<string, Stage>;

  constructor(dependencies: InteractiveAuthDependencies) {
    this.#with = dependencies;
    this.#stages = new Map(dependencies.stages.map((stage) => [stage.type, stage]));
  }

  /** Lets the owner of an account confirm an operation: with the password, or as they log in. */
  async confirm(userId: string, operation: string, body: JsonObject, isOnce = false): Promise<InteractiveOutcome> {
    const flows = (await this.#with.ownerStages(userId)).map((type) => [type]);
    return this.authorize({ operation, userId, body, flows, bindsBody: true, isOnce });
  }

  /** @throws 403 `M_FORBIDDEN` if the session belongs to another request; 429 `M_LIMIT_EXCEEDED` */
  async authorize(request: InteractiveRequest): Promise<InteractiveOutcome> {
    const auth = isJsonObject(request.body['auth']) ? request.body['auth'] : undefined;
    const session = await this.#session(request, auth);
    if (auth === undefined) return this.#challenge(request, session);
    if (session === undefined) {
      return this.#challenge(request, this.#newSession(), invalidParam('This session is unknown or has expired'));
    }
    const { type } = auth;
    if (typeof type === 'string' && this.#stages.get(type)?.isOfAnother?.(auth, request.userId)) {
      throw forbidden('This is the name of another user');
    }
    if (typeof type === 'string' && !session.passed.has(type)) return this.#attempt(request, session, auth, type);
    if (!isComplete(request, session.passed)) return this.#challenge(request, session);
    if (request.isOnce && !(await this.#end(session))) {
      return this.#challenge(request, this.#newSession(), forbidden('This was used up just now'));
    }
    return { sessionHash: session.hash, details: session.passed };
  }

  /** Ends a session that is good for one time; false if somebody else did. */
  async #end(session: Session): Promise<boolean> {
    try {
      await this.#with.storage.commit(ending(session.hash));
      return true;
    } catch (error) {
      if (error instanceof ConflictError) return false;
      throw error;
    }
  }

  /**
   * Passes a stage of a registration outside of the client's requests, as on a page of this server.
   * @throws 400 `M_INVALID_PARAM` for a session that is unknown or has expired; what the stage throws
   */
  async pass(sessionId: string, auth: JsonObject & { readonly type: string }): Promise<void> {
    const stage = this.#stages.get(auth.type);
    if ((await this.question(sessionId)).userId !== undefined || stage === undefined) throw tooLate();
    await this.#pass(sessionId, auth.type, await stage.check(auth, undefined));
  }

  /**
   * Passes a stage for somebody who has proven who they are in a browser.
   * @throws 400 `M_INVALID_PARAM` for a session that is unknown or has expired; 403 `M_FORBIDDEN` if it is somebody else's
   */
  async passFor(sessionId: string, type: string, userId: string): Promise<void> {
    const { userId: asked } = await this.question(sessionId);
    if (asked !== userId) throw forbidden('You have logged in as somebody else than the one who is asked');
    await this.#pass(sessionId, type, {});
  }

  /**
   * What a session is for, and who has to prove who they are: undefined when registering.
   * @throws 400 `M_INVALID_PARAM` for a session that is unknown or has expired
   */
  async question(sessionId: string): Promise<{ operation: string; userId: string | undefined }> {
    const { storage, clock } = this.#with;
    const row = await storage.read((tx) => tx.sessions.uiaSession(hashToken(sessionId)));
    if (row === undefined || row.expires_at <= clock.now()) throw tooLate();
    return { operation: row.operation, userId: row.user_id === '' ? undefined : row.user_id };
  }

  async #pass(sessionId: string, type: string, passed: PassedStage): Promise<void> {
    const { storage } = this.#with;
    const hash = hashToken(sessionId);
    const set = new WriteSet();
    set.add('uia_stages.insert', { session_hash: hash, stage: type, detail: passed.detail ?? null });
    passed.addWrites?.(set);
    try {
      await storage.commit(set);
    } catch (error) {
      if (!(error instanceof ConflictError)) throw error;
      const stages = await storage.read((tx) => tx.sessions.uiaStages(hash));
      // The button was pressed twice.
      if (!stages.some((known) => known.stage === type)) throw forbidden('This was used up just now');
    }
  }

  /** The session of a registration that is complete, by the id that the client has of it. */
  async registeredUser(sessionId: string): Promise<string | undefined> {
    const row = await this.#with.storage.read((tx) => tx.sessions.uiaSession(hashToken(sessionId)));
    if (row === undefined || row.expires_at <= this.#with.clock.now()) return undefined;
    return row.registered_user ?? undefined;
  }

  /** Deletes expired sessions, `limit` at most; registration tokens shown in them can be used again. */
  async prune(limit: number): Promise<void> {
    const { storage, clock } = this.#with;
    for (const row of await storage.read((tx) => tx.sessions.uiaSessionsExpiredAt(clock.now(), limit))) {
      const stages = await storage.read((tx) => tx.sessions.uiaStages(row.session_hash));
      const token = stages.find((stage) => stage.stage === REGISTRATION_TOKEN)?.detail;
      const set = ending(row.session_hash);
      if (token && row.registered_user === null) set.add('registration_tokens.release', { token });
      await storage.commit(set);
    }
  }

  /** The session that `auth` names, or a new one if it names none; undefined if there is no such session. */
  async #session(request: InteractiveRequest, auth: JsonObject | undefined): Promise<Session | undefined> {
    const id = auth?.['session'];
    if (typeof id !== 'string') return this.#newSession();
    const { storage, clock } = this.#with;
    const hash = hashToken(id);
    const { row, stages } = await storage.read(async (tx) => ({
      row: await tx.sessions.uiaSession(hash),
      stages: await tx.sessions.uiaStages(hash),
    }));
    if (row === undefined || row.expires_at <= clock.now()) return undefined;
    checkBelongs(row, request, id);
    return { id, hash, isStored: true, passed: new Map(stages.map((stage) => [stage.stage, stage.detail])) };
  }

  #newSession(): Session {
    const id = newToken('interactive', this.#with.random);
    return { id, hash: hashToken(id), isStored: false, passed: new Map() };
  }

  async #attempt(
    request: InteractiveRequest,
    session: Session,
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
        const set = session.isStored ? ending(session.hash) : new WriteSet();
        passed.addWrites?.(set);
        await this.#with.storage.commit(set);
      } else await this.#store(request, session, type, passed);
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

  async #store(request: InteractiveRequest, session: Session, stage: string, passed: PassedStage): Promise<void> {
    const set = new WriteSet();
    if (!session.isStored) set.add('uia_sessions.insert', this.#row(request, session));
    set.add('uia_stages.insert', { session_hash: session.hash, stage, detail: passed.detail ?? null });
    passed.addWrites?.(set);
    await this.#with.storage.commit(set);
  }

  #row(request: InteractiveRequest, session: Session): UiaSessionRow {
    return {
      session_hash: session.hash,
      operation: request.operation,
      user_id: request.userId ?? '',
      body_mac: request.bindsBody ? bodyMac(request.body, session.id) : null,
      expires_at: this.#with.clock.now() + this.#with.lifetime,
      registered_user: null,
    };
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
    session: Session | undefined,
    refusal?: MatrixError,
  ): Promise<InteractiveOutcome> {
    const offered = session ?? this.#newSession();
    if (!offered.isStored) {
      await this.#with.storage.commit(new WriteSet().add('uia_sessions.insert', this.#row(request, offered)));
    }
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

function tooLate(): MatrixError {
  return invalidParam('This has taken too long. Go back to your app and begin again');
}

function ending(sessionHash: Uint8Array): WriteSet {
  return new WriteSet()
    .add('uia_sessions.delete', { session_hash: sessionHash })
    .add('uia_stages.deleteOf', { session_hash: sessionHash });
}

function isComplete(request: InteractiveRequest, passed: ReadonlyMap<string, unknown>): boolean {
  return request.flows.some((flow) => flow.every((stage) => passed.has(stage)));
}

function checkBelongs(row: UiaSessionRow, request: InteractiveRequest, id: string): void {
  const isSameBody = row.body_mac === null || Buffer.from(row.body_mac).equals(bodyMac(request.body, id));
  if (row.operation !== request.operation || row.user_id !== (request.userId ?? '') || !isSameBody) {
    throw forbidden('This session was begun for another request');
  }
}

/** Keyed with the id, which is not stored: the body may hold a password. */
function bodyMac(body: JsonObject, sessionId: string): Buffer {
  const rest = Object.entries(body)
    .filter(([key]) => key !== 'auth')
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return createHmac('sha256', sessionId).update(JSON.stringify(rest)).digest();
}
