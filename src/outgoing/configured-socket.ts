import type { ClientRequest, IncomingMessage } from 'node:http';
import { WebSocket } from 'ws';
import { OutgoingError } from './outgoing-error.ts';
import { type TrustSettings, trustedAuthorities } from './trust.ts';

export interface ConfiguredSocketOptions {
  readonly headers: Readonly<Record<string, string>>;
  /** Milliseconds until it is open. */
  readonly connectMs: number;
  /** Bytes of a message. */
  readonly maxMessage: number;
  readonly trust: TrustSettings;
}

/**
 * Opens a WebSocket to an address that the administrator has written down, which may be on this machine or in its network:
 * `http:` or `https:`, with its path.
 *
 * @throws OutgoingError `connect-failed`, also with the status of an answer that is no WebSocket
 */
export function openConfiguredSocket(url: URL, options: ConfiguredSocketOptions): Promise<WebSocket> {
  const { headers, connectMs, maxMessage, trust } = options;
  const ws = new WebSocket(new URL(url.href.replace(/^http/, 'ws')), {
    ...{ headers, handshakeTimeout: connectMs, maxPayload: maxMessage, perMessageDeflate: false },
    ...(url.protocol === 'https:' ? { secureContext: trustedAuthorities(trust) } : {}),
  });
  return new Promise((resolve, reject) => {
    const fail = (what: string, cause?: unknown) =>
      reject(new OutgoingError('connect-failed', url.host, what, cause === undefined ? {} : { cause }));
    ws.once('open', () => {
      ws.removeAllListeners();
      resolve(ws);
    });
    ws.on('error', (error) => fail(error.message, error));
    ws.once('unexpected-response', (request: ClientRequest, { statusCode }: IncomingMessage) => {
      fail(`it answers ${statusCode}`);
      request.destroy();
    });
  });
}
