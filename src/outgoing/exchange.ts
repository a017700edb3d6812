import type { Readable } from 'node:stream';
import { type AnswerHead, headerReader, tooLarge } from './answer.ts';
import type { Connections } from './connections.ts';
import type { Deadline } from './deadline.ts';
import type { Route } from './dial.ts';
import { outgoingError } from './outgoing-error.ts';
import type { RoutedMessage } from './outgoing-request.ts';

/** An answer whose body has no limit yet. */
export interface RawAnswer extends AnswerHead {
  readonly body: Readable;
}

/** Methods that are sent once more when a kept connection turns out to have ended: that may happen at any time. */
const SENT_AGAIN: ReadonlySet<string> = new Set(['GET', 'HEAD', 'PUT']);

/** One request along one route, and the head of its answer. @throws OutgoingError */
export async function exchange(
  connections: Connections,
  route: Route,
  message: RoutedMessage,
  deadline: Deadline,
): Promise<RawAnswer> {
  try {
    return await attempt(connections, route, message, deadline);
  } catch (error) {
    const failure = outgoingError(error, route.host);
    const again = failure.kind === 'connection-lost' && SENT_AGAIN.has(message.method ?? 'GET');
    if (!again || deadline.signal.aborted) throw failure;
  }
  try {
    return await attempt(connections, route, message, deadline);
  } catch (error) {
    throw outgoingError(error, route.host);
  }
}

async function attempt(
  connections: Connections,
  route: Route,
  message: RoutedMessage,
  deadline: Deadline,
): Promise<RawAnswer> {
  const { pool, release } = await turn(connections, route, deadline);
  try {
    const { statusCode, headers, body } = await pool.request({
      path: message.target,
      method: message.method ?? 'GET',
      headers: { ...message.headers, host: message.hostHeader },
      body: typeof message.body === 'string' ? Buffer.from(message.body) : (message.body ?? null),
      signal: deadline.signal,
    });
    const free = () => setImmediate(release);
    if (body.closed) free();
    else body.once('close', free);
    return { status: statusCode, header: headerReader(headers), body };
  } catch (error) {
    release();
    throw error;
  }
}

/** A turn to send; one that comes after the deadline is given back. */
async function turn(connections: Connections, route: Route, deadline: Deadline) {
  const taken = connections.take(route);
  try {
    return await deadline.race(taken);
  } catch (error) {
    if (deadline.signal.aborted) {
      taken.then(
        ({ release }) => release(),
        // It has not been given at all.
        () => undefined,
      );
    }
    throw error;
  }
}

/** Refuses, before any of it is read, a body that says it is too large. */
export function refuseDeclaredExcess(answer: RawAnswer, host: string, maxBytes: number): void {
  if (Number(answer.header('content-length') ?? 0) <= maxBytes) return;
  answer.body.on('error', () => undefined).destroy();
  throw tooLarge(host, maxBytes);
}
