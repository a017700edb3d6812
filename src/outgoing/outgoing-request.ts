/** What is sent, wherever it goes. */
export interface OutgoingMessage {
  readonly method?: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** Who sends: a label of the metrics, one of a few words. */
  readonly purpose: string;
  /** For all of the request, in milliseconds; else that of the configuration. */
  readonly timeoutMs?: number;
  /** Of the body of the answer; else that of the configuration. */
  readonly maxBytes?: number;
  /** Ends the request. */
  readonly signal?: AbortSignal;
}

/** A request to an address on the web. */
export interface OutgoingRequest extends OutgoingMessage {
  readonly url: string;
  /** Whether `http:` will do. Default false. */
  readonly allowPlainHttp?: boolean;
  /** Redirects to follow, up to those of the configuration. Default 0: a redirect is an answer like any other. */
  readonly maxRedirects?: number;
}

/** A request whose path and `Host` are sent to the letter. */
export interface RoutedMessage extends OutgoingMessage {
  /** Path and query, percent-encoded. */
  readonly target: string;
  /** The `Host` header. */
  readonly hostHeader: string;
}
