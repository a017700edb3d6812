/** Turns HTTP connections into WebSockets of viewers. Parsing frames of clients is the library's work. */
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type ServerOptions, type WebSocket, WebSocketServer } from 'ws';

export interface HandshakeOptions {
  readonly subprotocol: string;
  /** Bytes of a frame from a client, compressed or not. */
  readonly maxFrame: number;
  /** Milliseconds for a client to answer a close. */
  readonly closeMs: number;
}

export interface Opened {
  readonly ws: WebSocket;
  readonly isDeflating: boolean;
}

export class Handshake {
  readonly #server: WebSocketServer;

  constructor({ subprotocol, maxFrame, closeMs }: HandshakeOptions) {
    // The types of the library lack `closeTimeout`.
    const settings: ServerOptions & { closeTimeout: number } = {
      noServer: true,
      clientTracking: false,
      maxPayload: maxFrame,
      maxFragments: 16,
      closeTimeout: closeMs,
      // A second subprotocol may carry a ticket: only ours is named in the answer.
      handleProtocols: (offered) => (offered.has(subprotocol) ? subprotocol : false),
      // Frames to clients are compressed by us, once for all. Those of clients are inflated up to their limit.
      perMessageDeflate: {
        serverNoContextTakeover: true,
        clientNoContextTakeover: true,
        threshold: Number.POSITIVE_INFINITY,
      },
    };
    this.#server = new WebSocketServer(settings);
  }

  /** Answers the request with 101, or with an error of the protocol, after which `onOpen` is not called. */
  accept(incoming: IncomingMessage, socket: Duplex, head: Buffer, onOpen: (opened: Opened) => void): void {
    const { headers } = incoming;
    const offers = offersWithFullWindow(headers['sec-websocket-extensions'] ?? '');
    if (offers === '') delete headers['sec-websocket-extensions'];
    else headers['sec-websocket-extensions'] = offers;
    // Ticks are one write each: waiting to fill a segment would only delay them.
    if ('setNoDelay' in socket) (socket as Socket).setNoDelay(true);
    this.#server.handleUpgrade(incoming, socket, head, (ws) => {
      // Whoever says no more does not listen either: both directions are closed at once, and not one after the other.
      socket.removeAllListeners('end');
      socket.once('end', () => socket.destroy());
      onOpen({ ws, isDeflating: ws.extensions.includes('permessage-deflate') });
    });
  }
}

/** The offers of an extension header without those that limit our window: shared frames need all of its 15 bits. */
export function offersWithFullWindow(header: string): string {
  return header
    .split(',')
    .filter((offer) => !/server_max_window_bits\s*=\s*"?(?!15\b)/i.test(offer))
    .join(',');
}
