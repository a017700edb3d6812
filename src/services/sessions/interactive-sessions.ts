import { createHmac } from 'node:crypto';
import { forbidden, invalidParam, type MatrixError } from '../../protocol/errors.ts';
import type { JsonObject } from '../../protocol/json.ts';
import type { UiaSessionRow } from '../../storage/contract/sessions.ts';
import type { Storage } from '../../storage/contract/storage.ts';
import { ConflictError, WriteSet } from '../../storage/contract/write-set.ts';
import type { Clock } from '../../util/clock.ts';
import type { Random } from '../../util/random.ts';
import { type PassedStage, REGISTRATION_TOKEN } from './stages.ts';
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

/** How far somebody has come. */
export interface InteractiveSession {
  readonly id: string;
  readonly hash: Uint8Array;
  readonly isStored: boolean;
  readonly passed: ReadonlyMap<string, string | null>;
}

export interface InteractiveSessionsParts {
  readonly storage: Storage;
  readonly clock: Clock;
  readonly random: Random;
  /** Milliseconds. */
  readonly lifetime: number;
}

/** The sessions of the User-Interactive Authentication API, kept by the hashes of their ids. */
export class InteractiveSessions {
  readonly #parts: InteractiveSessionsParts;

  constructor(parts: InteractiveSessionsParts) {
    this.#parts = parts;
  }

  /** The session of an id; undefined if there is none. @throws 403 `M_FORBIDDEN` if it belongs to another request */
  async find(id: string, request: InteractiveRequest): Promise<InteractiveSession | undefined> {
    const { storage, clock } = this.#parts;
    const hash = hashToken(id);
    const { row, stages } = await storage.read(async (tx) => ({
      row: await tx.sessions.uiaSession(hash),
      stages: await tx.sessions.uiaStages(hash),
    }));
    if (row === undefined || row.expires_at <= clock.now()) return undefined;
    checkBelongs(row, request, id);
    return { id, hash, isStored: true, passed: new Map(stages.map((stage) => [stage.stage, stage.detail])) };
  }

  /** A new one, which is not stored yet. */
  fresh(): InteractiveSession {
    const id = newToken('interactive', this.#parts.random);
    return { id, hash: hashToken(id), isStored: false, passed: new Map() };
  }

  /**
   * What a session is for, and who has to prove who they are: undefined when registering.
   * @throws 400 `M_INVALID_PARAM` for a session that is unknown or has expired
   */
  async question(sessionId: string): Promise<{ operation: string; userId: string | undefined }> {
    const { storage, clock } = this.#parts;
    const row = await storage.read((tx) => tx.sessions.uiaSession(hashToken(sessionId)));
    if (row === undefined || row.expires_at <= clock.now()) throw tooLate();
    return { operation: row.operation, userId: row.user_id === '' ? undefined : row.user_id };
  }

  /** Stores a session. */
  async begin(request: InteractiveRequest, session: InteractiveSession): Promise<void> {
    await this.#parts.storage.commit(new WriteSet().add('uia_sessions.insert', this.#row(request, session)));
  }

  /** Stores a stage that was passed, with the session if need be. @throws ConflictError if it was used up just now */
  async keep(
    request: InteractiveRequest,
    session: InteractiveSession,
    stage: string,
    passed: PassedStage,
  ): Promise<void> {
    const set = new WriteSet();
    if (!session.isStored) set.add('uia_sessions.insert', this.#row(request, session));
    set.add('uia_stages.insert', { session_hash: session.hash, stage, detail: passed.detail ?? null });
    passed.addWrites?.(set);
    await this.#parts.storage.commit(set);
  }

  /** Stores a stage that was passed outside of the client's requests. @throws 403 `M_FORBIDDEN` if it was used up */
  async pass(sessionId: string, type: string, passed: PassedStage): Promise<void> {
    const { storage } = this.#parts;
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

  /** Stores the last stage of a request that may be made once, and ends the session. @throws ConflictError */
  async finish(session: InteractiveSession, passed: PassedStage): Promise<void> {
    const set = session.isStored ? ending(session.hash) : new WriteSet();
    passed.addWrites?.(set);
    await this.#parts.storage.commit(set);
  }

  /** Ends a session that is good for one time; false if somebody else did. */
  async end({ hash }: InteractiveSession): Promise<boolean> {
    try {
      await this.#parts.storage.commit(ending(hash));
      return true;
    } catch (error) {
      if (error instanceof ConflictError) return false;
      throw error;
    }
  }

  /** The session of a registration that is complete, by the id that the client has of it. */
  async registeredUser(sessionId: string): Promise<string | undefined> {
    const row = await this.#parts.storage.read((tx) => tx.sessions.uiaSession(hashToken(sessionId)));
    if (row === undefined || row.expires_at <= this.#parts.clock.now()) return undefined;
    return row.registered_user ?? undefined;
  }

  /** Deletes expired sessions, `limit` at most; registration tokens shown in them can be used again. */
  async prune(limit: number): Promise<void> {
    const { storage, clock } = this.#parts;
    for (const row of await storage.read((tx) => tx.sessions.uiaSessionsExpiredAt(clock.now(), limit))) {
      const stages = await storage.read((tx) => tx.sessions.uiaStages(row.session_hash));
      const token = stages.find((stage) => stage.stage === REGISTRATION_TOKEN)?.detail;
      const set = ending(row.session_hash);
      if (token && row.registered_user === null) set.add('registration_tokens.release', { token });
      await storage.commit(set);
    }
  }

  #row(request: InteractiveRequest, session: InteractiveSession): UiaSessionRow {
    return {
      session_hash: session.hash,
      operation: request.operation,
      user_id: request.userId ?? '',
      body_mac: request.bindsBody ? bodyMac(request.body, session.id) : null,
      expires_at: this.#parts.clock.now() + this.#parts.lifetime,
      registered_user: null,
    };
  }
}

export function tooLate(): MatrixError {
  return invalidParam('This has taken too long. Go back to your app and begin again');
}

function ending(sessionHash: Uint8Array): WriteSet {
  return new WriteSet()
    .add('uia_sessions.delete', { session_hash: sessionHash })
    .add('uia_stages.deleteOf', { session_hash: sessionHash });
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
