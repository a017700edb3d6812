/**
 * Turns HTTP connections into WebSockets of viewers: ten thousand at once after a cut, so that it is done here, by hand and
 * with the least that is needed.
 * Source: https://www.rfc-editor.org/rfc/rfc6455#section-4.2 and, for compression, RFC 7692
 */
import { hash } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { ClientSocket, type ClientSocketOptions } from './client-socket.ts';

export interface HandshakeOptions extends ClientSocketOptions {
  readonly subprotocol: string;
}

export interface Opened {
  readonly client: ClientSocket;
  /** Whether frames may come compressed. */
  readonly isDeflating: boolean;
}

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const VERSION = '13';
const KEY = /^[+/0-9A-Za-z]{22}==$/;
/** Without the window of frames before, so that one of ours can be for all, and one of theirs needs no memory. */
const DEFLATE = 'permessage-deflate; server_no_context_takeover; client_no_context_takeover';

/** Why a request is no handshake. */
export interface NoHandshake {
  readonly status: 400 | 405 | 426;
  readonly headers: string;
}

export class Handshake {
  readonly #options: HandshakeOptions;

  constructor(options: HandshakeOptions) {
    this.#options = options;
  }

  /** What is wrong with a request; undefined for one that can be accepted. */
  check({ method, headers }: IncomingMessage): NoHandshake | undefined {
    if (method !== 'GET') return { status: 405, headers: 'Allow: GET\r\n' };
    if (headers.upgrade?.toLowerCase() !== 'websocket') return { status: 400, headers: '' };
    if (headers['sec-websocket-version'] !== VERSION) {
      return { status: 426, headers: `Sec-WebSocket-Version: ${VERSION}\r\n` };
    }
    return KEY.test(headers['sec-websocket-key'] ?? '') ? undefined : { status: 400, headers: '' };
  }

  /** Answers the request, which {@link check} found nothing wrong with, with 101. */
  accept({ headers }: IncomingMessage, socket: Duplex): Opened {
    const { subprotocol } = this.#options;
    const offered = (headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim());
    const deflate = deflateAnswer(headers);
    const accepted = hash('sha1', `${headers['sec-websocket-key']}${GUID}`, 'base64');
    // A second subprotocol may carry a ticket: only ours is named in the answer.
    const protocol = offered.includes(subprotocol) ? `Sec-WebSocket-Protocol: ${subprotocol}\r\n` : '';
    const extensions = deflate === undefined ? '' : `Sec-WebSocket-Extensions: ${deflate}\r\n`;
    // Ticks are one write each: waiting to fill a segment would only delay them.
    if ('setNoDelay' in socket) (socket as Socket).setNoDelay(true);
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accepted}\r\n${protocol}${extensions}\r\n`,
    );
    const isDeflating = deflate !== undefined;
    return { client: new ClientSocket(socket, this.#options, isDeflating), isDeflating };
  }
}

/** The answer to the first offer of `permessage-deflate` that we can take; undefined where there is none. */
export function deflateAnswer(headers: IncomingHttpHeaders): string | undefined {
  for (const offer of (headers['sec-websocket-extensions'] ?? '').split(',')) {
    const [name, ...parameters] = offer.split(';').map((part) => part.trim().replace(/\s*=\s*/, '='));
    const names = new Set(parameters.map((parameter) => parameter.split('=', 1)[0]));
    const isTaken = name === 'permessage-deflate' && names.size === parameters.length;
    if (!isTaken || !parameters.every((parameter) => PARAMETER.test(parameter))) continue;
    return names.has('server_max_window_bits') ? `${DEFLATE}; server_max_window_bits=15` : DEFLATE;
  }
  return undefined;
}

/** Parameters of an offer that we can take: shared frames need all 15 bits of our window. */
const PARAMETER =
  /^(?:(?:server|client)_no_context_takeover|client_max_window_bits(?:="?(?:[89]|1[0-5])"?)?|server_max_window_bits="?15"?)$/;
