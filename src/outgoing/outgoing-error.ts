/** Why a connection to the outside came to nothing. */
export type OutgoingErrorKind =
  /** The request itself cannot be sent: not an address, a protocol that is not allowed, a bad header. */
  | 'bad-request'
  /** The name does not exist, or has no address. */
  | 'name-not-found'
  /** The name servers did not answer, or said that they cannot. */
  | 'name-failed'
  /** Every address of the name lies in a network that may not be connected to. */
  | 'address-refused'
  | 'connect-failed'
  /** No TLS, or a certificate that is not trusted or not that of the name. */
  | 'tls-failed'
  | 'timeout'
  /** The connection ended before the answer was complete. */
  | 'connection-lost'
  /** What came back is not HTTP, or not what was asked for. */
  | 'bad-response'
  /** Head or body beyond their limits. */
  | 'too-large'
  /** Too many redirects, or one to where none may lead. */
  | 'redirect-refused'
  /** Too many requests to this host, or to all, are waiting already. */
  | 'busy'
  /** Whoever asked does not want it any more. */
  | 'aborted';

/**
 * A connection to the outside that came to nothing. The message names the host and what happened, never path, query,
 * headers or body: it may be logged.
 */
export class OutgoingError extends Error {
  override readonly name = 'OutgoingError';
  readonly kind: OutgoingErrorKind;
  readonly host: string;

  constructor(kind: OutgoingErrorKind, host: string, text: string, options: { readonly cause?: unknown } = {}) {
    super(`${host}: ${text}`, options.cause === undefined ? undefined : { cause: options.cause });
    this.kind = kind;
    this.host = host;
  }
}

/** Before any byte of the request was sent: another address of the same server may be tried. */
export function isConnectFailure(error: unknown): boolean {
  return error instanceof OutgoingError && UNSENT.has(error.kind);
}

const UNSENT: ReadonlySet<OutgoingErrorKind> = new Set([
  'name-not-found',
  'name-failed',
  'address-refused',
  'connect-failed',
  'tls-failed',
]);

/** What the codes of undici mean. */
const MEANINGS: ReadonlyMap<string, readonly [OutgoingErrorKind, string]> = new Map([
  ['UND_ERR_HEADERS_OVERFLOW', ['too-large', 'the head of the answer is too large']],
  ['UND_ERR_INVALID_ARG', ['bad-request', 'the request cannot be sent']],
  ['UND_ERR_RES_CONTENT_LENGTH_MISMATCH', ['connection-lost', 'the answer ended too early']],
]);

/** What HTTP client or socket have thrown, as an {@link OutgoingError}. */
export function outgoingError(error: unknown, host: string): OutgoingError {
  if (error instanceof OutgoingError) return error;
  const { name, code } = (error ?? {}) as { readonly name?: unknown; readonly code?: unknown };
  // Has bytes of the answer with it, which do not belong into a log.
  if (name === 'HTTPParserError') return new OutgoingError('bad-response', host, 'the answer is not HTTP');
  const text = typeof code === 'string' ? code : '';
  const [kind, meaning] = MEANINGS.get(text) ?? ['connection-lost', `the connection was lost${text && ` (${text})`}`];
  return new OutgoingError(kind, host, meaning, { cause: error });
}
