import type { IncomingMessage } from 'node:http';
import { type Readable, Transform } from 'node:stream';
import { MatrixError, tooLarge } from '../protocol/errors.ts';
import type { Clock } from '../util/clock.ts';

/** The client went away before its request was complete: nobody is left to be told. */
export class ClientGoneError extends Error {
  override readonly name = 'ClientGoneError';
}

const NO_BYTES = Buffer.alloc(0);

export interface BodyLimits {
  readonly maxBytes: number;
  /** Time for the whole body to arrive. */
  readonly timeoutMs: number;
  readonly clock: Clock;
}

function declaredLength(incoming: IncomingMessage): number {
  return Number(incoming.headers['content-length'] ?? 0);
}

/** Whether no body follows the head, so that nothing has to be waited for. */
export function hasNoBody(incoming: IncomingMessage): boolean {
  return declaredLength(incoming) === 0 && incoming.headers['transfer-encoding'] === undefined;
}

/** Reads the whole body. 413 `M_TOO_LARGE` beyond the limit, 408 when it does not arrive in time. */
export function readBody(incoming: IncomingMessage, limits: BodyLimits): Promise<Buffer> | Buffer {
  if (hasNoBody(incoming)) return NO_BYTES;
  if (declaredLength(incoming) > limits.maxBytes) throw tooLarge();
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const settle = (error?: Error) => {
      cancelTimeout();
      incoming.off('data', onData).off('end', settle).off('close', onClose).off('error', onClose);
      // What is still to come is thrown away, so that the client gets to read the answer.
      if (error) incoming.resume();
      if (error) reject(error);
      else resolve(chunks.length === 1 ? (chunks[0] ?? NO_BYTES) : Buffer.concat(chunks, length));
    };
    const onData = (chunk: Buffer) => {
      length += chunk.length;
      if (length > limits.maxBytes) settle(tooLarge());
      else chunks.push(chunk);
    };
    const onClose = () => settle(new ClientGoneError());
    const cancelTimeout = limits.clock.after(limits.timeoutMs, () =>
      settle(new MatrixError('M_UNKNOWN', 'The request took too long to arrive', { status: 408 })),
    );
    incoming.on('data', onData).once('end', settle).once('close', onClose).once('error', onClose);
  });
}

/** The body as a stream that fails with 413 `M_TOO_LARGE` beyond `maxBytes`. */
export function limitedStream(incoming: IncomingMessage, maxBytes: number): Readable {
  if (declaredLength(incoming) > maxBytes) throw tooLarge();
  let length = 0;
  const limiter = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      length += chunk.length;
      if (length > maxBytes) done(tooLarge());
      else done(null, chunk);
    },
  });
  incoming.once('close', () => {
    if (!incoming.complete) limiter.destroy(new ClientGoneError());
  });
  limiter.once('close', () => {
    incoming.unpipe(limiter);
    incoming.resume();
  });
  return incoming.pipe(limiter);
}
