import type { OutgoingAnswer } from '../../outgoing/answer.ts';
import { isJsonObject, type JsonObject } from '../../protocol/json.ts';

/** Another server has answered, and not with what was asked for. */
export class RemoteError extends Error {
  override readonly name = 'RemoteError';
  readonly server: string;
  /** HTTP status; 200 where the answer is not of the form that it should have. */
  readonly status: number;
  readonly errcode: string | undefined;
  /** The body, if it is a JSON object: some errors say more than their code. */
  readonly body: JsonObject | undefined;
  /** After how many milliseconds the server wants to be asked again. */
  readonly retryAfterMs: number | undefined;

  constructor(
    server: string,
    status: number,
    options: {
      readonly text?: string;
      readonly body?: JsonObject | undefined;
      readonly retryAfterMs?: number | undefined;
    } = {},
  ) {
    const errcode = options.body?.['errcode'];
    const code = typeof errcode === 'string' ? errcode.slice(0, 100) : undefined;
    super(`${server}: ${options.text ?? `answered ${status}${code === undefined ? '' : ` ${code}`}`}`);
    this.server = server;
    this.status = status;
    this.errcode = code;
    this.body = options.body;
    this.retryAfterMs = options.retryAfterMs;
  }
}

const LONGEST_RETRY_MS = 24 * 3_600_000;

/** The error in an answer whose status is none of success. */
export function remoteError(server: string, answer: OutgoingAnswer): RemoteError {
  const body = jsonObject(answer.body);
  const told = body?.['retry_after_ms'];
  const seconds = Number(answer.header('retry-after') ?? Number.NaN);
  const ms = typeof told === 'number' ? told : seconds * 1000;
  const retryAfterMs = Number.isFinite(ms) ? Math.min(LONGEST_RETRY_MS, Math.max(0, ms)) : undefined;
  return new RemoteError(server, answer.status, { body, retryAfterMs });
}

/** The object that a body holds as JSON, whatever its media type, or undefined. */
export function jsonObject(body: Buffer): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(body.toString());
    return isJsonObject(value) ? value : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
