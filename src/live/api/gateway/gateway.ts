/**
 * The stream gateway: viewers' WebSockets, from the first byte of the upgrade to the close. Nothing of a viewer is kept
 * beyond the connection, and no credential is ever read from a URL.
 */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Clock } from '../../../util/clock.ts';
import type { Random } from '../../../util/random.ts';
import { CHUNK_MS } from '../../hub/chunk.ts';
import { CLOSE } from '../../hub/sockets/close-codes.ts';
import { Handshake, type Opened } from '../../hub/sockets/handshake.ts';
import { type HeartbeatLimits, Heartbeats } from '../../hub/sockets/heartbeats.ts';
import type { SocketCaps } from '../../hub/sockets/socket-caps.ts';
import { ViewerSocket } from '../../hub/sockets/viewer-socket.ts';
import { LIVE_PATH } from '../paths.ts';
import type { GatewayAccess } from './access.ts';
import type { People } from './people.ts';
import { Session, type SessionLimits } from './session.ts';

export const SUBPROTOCOL = 'beamify.live.v1';
const BEARER = 'beamify.bearer.';
/** Frames of a message of a client. */
const MAX_FRAGMENTS = 16;
export const GATEWAY_PATH = `${LIVE_PATH}/gateway`;

/** Where viewers open their sockets. */
export function gatewayUrlOf(publicBaseUrl: string): string {
  return `${publicBaseUrl.replace(/^http/, 'ws')}${GATEWAY_PATH}`;
}

export interface GatewayOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly access: GatewayAccess;
  /** Where sessions are listed. */
  readonly people: People;
  readonly caps: SocketCaps;
  readonly heartbeat: HeartbeatLimits;
  readonly session: SessionLimits;
  /** Milliseconds for a client to answer a close. */
  readonly closeMs: number;
  /** Milliseconds over which clients come back when the server stops. */
  readonly drainMs: number;
  /** Web origins that may open sockets; undefined: all. */
  readonly origins: ReadonlySet<string> | undefined;
  onFault(error: unknown): void;
}

export class Gateway {
  readonly #options: GatewayOptions;
  readonly #handshake: Handshake;
  readonly #caps: SocketCaps;
  readonly #heartbeats: Heartbeats;
  readonly #sockets = new Set<ViewerSocket>();
  #isDraining = false;

  constructor(options: GatewayOptions) {
    const { clock, random, session, closeMs } = options;
    this.#options = options;
    const limits = { maxMessage: session.maxFrame, maxFragments: MAX_FRAGMENTS };
    this.#handshake = new Handshake({ subprotocol: SUBPROTOCOL, clock, limits, closeMs });
    this.#caps = options.caps;
    this.#heartbeats = new Heartbeats(clock, random, options.heartbeat);
    this.#heartbeats.start();
  }

  /** Sockets that are open. */
  get sockets(): number {
    return this.#sockets.size;
  }

  /** Whether the request is for the gateway. */
  static isFor(incoming: IncomingMessage): boolean {
    return (incoming.url ?? '').split('?', 1)[0] === GATEWAY_PATH;
  }

  /** Takes over a connection that asks to be upgraded. `address` is the client's. */
  upgrade(incoming: IncomingMessage, socket: Duplex, head: Buffer, address: string): void {
    const wrong = this.#isWrong(incoming);
    const amiss = wrong === undefined ? this.#handshake.check(incoming) : { status: wrong, headers: '' };
    if (amiss) {
      refuse(socket, amiss.status, amiss.headers);
      return;
    }
    const cap = this.#caps.admit(address);
    if (!cap.admitted) {
      // Beyond a cap nobody is kept from reading: those who poll share what caches keep.
      const poll = JSON.stringify({
        poll_url: `${LIVE_PATH}/channels/{channel}/chunk/{epoch}/{n}`,
        interval_ms: CHUNK_MS,
      });
      const retry = `Retry-After: ${Math.ceil(cap.retryMs / 1000)}\r\n`;
      refuse(socket, cap.reason === 'process' ? 503 : 429, retry, poll);
      return;
    }
    const { origin, 'sec-websocket-protocol': offered } = incoming.headers;
    const opened = this.#handshake.accept(incoming, socket);
    this.#begin(socket, opened, { origin, ticket: ticketIn(offered), head, capKey: cap.key });
  }

  /** The status of the refusal of a request that is not to be upgraded. */
  #isWrong({ url, headers: { origin } }: IncomingMessage): number | undefined {
    const { origins } = this.#options;
    // A credential in a URL ends in logs: it is refused even where it would not be needed.
    if (/[?&](?:access_token|ticket|token)=/i.test(url ?? '')) return 400;
    if (this.#isDraining) return 503;
    return origin !== undefined && origins !== undefined && !origins.has(origin) ? 403 : undefined;
  }

  #begin(socket: Duplex, { client, isDeflating }: Opened, { origin, ticket, head, capKey }: Came): void {
    const { access, people, clock, random, session: limits, onFault } = this.#options;
    const viewer = new ViewerSocket(socket, client, isDeflating, clock.now());
    const sid = random.token(12);
    const caps = this.#caps;
    const session = new Session({ socket: viewer, access, caps, people, clock, limits, sid, origin, ticket, onFault });
    this.#sockets.add(viewer);
    this.#heartbeats.add(viewer);
    const listener = {
      onText: (text: string) => session.receive(text),
      onBinary: () => viewer.close(CLOSE.badFrame),
      onGone: () => viewer.gone(),
      onClosed: () => {
        caps.release(capKey);
        this.#heartbeats.remove(viewer);
        this.#sockets.delete(viewer);
        session.end();
      },
    };
    client.listen(listener, head);
  }

  /** Sends all viewers away, to come back to another process or later, each at another moment. */
  stop(): void {
    this.#isDraining = true;
    this.#heartbeats.stop();
    const { random, drainMs } = this.#options;
    for (const socket of this.#sockets) {
      const share = random.bytes(2).readUInt16BE() / 0x10000;
      socket.close(CLOSE.draining, { retryMs: Math.round(drainMs * share) });
    }
  }
}

/** How a viewer came. */
interface Came {
  readonly origin: string | undefined;
  readonly ticket: string | undefined;
  /** What it has said already. */
  readonly head: Buffer;
  /** Under which it counts. */
  readonly capKey: string;
}

/** A ticket that is offered as a second subprotocol, `beamify.bearer.<base64url>`. It appears in no URL. */
function ticketIn(offered: string | undefined): string | undefined {
  const bearer = offered
    ?.split(',')
    .map((name) => name.trim())
    .find((name) => name.startsWith(BEARER));
  return bearer === undefined ? undefined : Buffer.from(bearer.slice(BEARER.length), 'base64url').toString();
}

const REASONS = new Map([
  [400, 'Bad Request'],
  [403, 'Forbidden'],
  [405, 'Method Not Allowed'],
  [426, 'Upgrade Required'],
  [429, 'Too Many Requests'],
  [503, 'Service Unavailable'],
]);

function refuse(socket: Duplex, status: number, headers: string, json = ''): void {
  socket.end(
    `HTTP/1.1 ${status} ${REASONS.get(status) ?? ''}\r\n${headers}Connection: close\r\nContent-Type: application/json\r\nContent-Length: ${json.length}\r\n\r\n${json}`,
  );
}
