import { RemoteError } from '../../../federation/signed-client/remote-error.ts';
import { OutgoingError } from '../../../outgoing/outgoing-error.ts';
import {
  forbidden,
  incompatibleRoomVersion,
  limitExceeded,
  MatrixError,
  notFound,
  unknown,
} from '../../../protocol/errors.ts';
import { stringIn } from '../../../protocol/events/content-readers.ts';
import type { ServerName } from '../../../protocol/identifiers/server-name.ts';
import type { Clock } from '../../../util/clock.ts';
import type { Logger } from '../../../util/logger.ts';

/** A server has answered with something else than what was asked for. */
export class BadAnswerError extends Error {
  override readonly name = 'BadAnswerError';
}

export interface TryOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** For all servers together: after this many milliseconds no further one is asked, and attempts are to end. */
  readonly budgetMs: number;
  /** For the log: what is being tried. */
  readonly what: string;
}

/** What others say of a user or a room is shown to people up to this length. */
const MAX_TEXT = 300;

/** Errors that another server would answer as well. */
const FINAL: ReadonlySet<string | undefined> = new Set(['M_INCOMPATIBLE_ROOM_VERSION']);

/**
 * Asks one server after the other until one does what is wanted. Servers may be away, know less of the room than others
 * or be unable to let people in, so that the next one is asked after any failure but the few that are the same
 * everywhere.
 * @param attempt is told how many milliseconds are left of the budget, whenever it asks
 * @throws MatrixError the most telling of the refusals; M_UNKNOWN 502 if nobody answered properly
 */
export async function tryServers<T>(
  servers: readonly ServerName[],
  attempt: (server: ServerName, left: () => number) => Promise<T>,
  { clock, logger, budgetMs, what }: TryOptions,
): Promise<T> {
  const refusals: RemoteError[] = [];
  const end = clock.now() + budgetMs;
  const left = () => Math.max(end - clock.now(), 1);
  for (const server of servers) {
    if (clock.now() >= end) break;
    try {
      return await attempt(server, left);
    } catch (error) {
      if (!isOfServer(error)) throw error;
      logger.info({ server, reason: error.message }, `${what} through another server came to nothing`);
      if (!(error instanceof RemoteError)) continue;
      if (FINAL.has(error.errcode)) throw refusal(error);
      refusals.push(error);
    }
  }
  throw mostTelling(refusals);
}

/** Whether it is the other server's fault. */
export function isOfServer(error: unknown): error is Error {
  return error instanceof OutgoingError || error instanceof RemoteError || error instanceof BadAnswerError;
}

/** In this order: that the user may not, that somebody else must decide, that there is no such room, that it is too much. */
const TELLING: readonly ((error: RemoteError) => boolean)[] = [
  (error) => error.status === 403,
  (error) => error.errcode === 'M_UNABLE_TO_GRANT_JOIN' || error.errcode === 'M_UNABLE_TO_AUTHORISE_JOIN',
  (error) => error.status === 404,
  (error) => error.status === 429,
];

function mostTelling(refusals: readonly RemoteError[]): MatrixError {
  for (const isTelling of TELLING) {
    const found = refusals.find(isTelling);
    if (found) return refusal(found);
  }
  return unknown('No server that is in the room could be reached, or none answered properly', { status: 502 });
}

/** What another server has refused, as it is passed on to the client. */
export function refusal(error: RemoteError): MatrixError {
  const text = stringIn(error.body, 'error')?.slice(0, MAX_TEXT);
  switch (error.errcode) {
    case 'M_INCOMPATIBLE_ROOM_VERSION':
      return incompatibleRoomVersion(stringIn(error.body, 'room_version') ?? '1', text);
    case 'M_UNABLE_TO_AUTHORISE_JOIN':
    case 'M_UNABLE_TO_GRANT_JOIN':
    case 'M_INVITE_BLOCKED':
      return new MatrixError(error.errcode, text);
  }
  if (error.status === 403) return forbidden(text);
  if (error.status === 404) return notFound(text);
  if (error.status === 429) return limitExceeded(error.retryAfterMs ?? 1_000);
  return unknown('The other server did not answer as it should', { status: 502, cause: error });
}
