/** The gateways in processes of their own that are linked to this server: who is let in, and what they count together. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Clock } from '../../util/clock.ts';
import type { Everybody } from './everybody.ts';
import type { GatewayDesk } from './gateway-desk.ts';
import type { LinkLimits } from './link.ts';
import { LinkedGateway } from './linked-gateway.ts';
import { LINK_PATH, LINK_VERSION, VERSION_HEADER } from './messages.ts';
import type { SumsLimits } from './sums.ts';

export interface GatewaysParts {
  readonly clock: Clock;
  readonly desk: GatewayDesk;
  /** Of which their viewers are. */
  readonly everybody: Everybody;
  readonly limits: LinkLimits & {
    /** Gateways at a time, and bytes of what one of them says. */
    readonly gateways: number;
    readonly frame: number;
  };
  readonly sums: SumsLimits;
  /** What gateways show; undefined: there are none. */
  readonly secret: string | undefined;
  /** A gateway is linked now, or not any more. */
  onChange(isLinked: boolean, why: Error | undefined): void;
  /** Somebody who wants to be one was not let in. */
  onRefused(status: number): void;
  onFault(error: unknown): void;
}

const REASONS = new Map([
  [401, 'Unauthorized'],
  [426, 'Upgrade Required'],
  [503, 'Service Unavailable'],
]);

export class Gateways {
  readonly #parts: GatewaysParts;
  readonly #linked = new Set<LinkedGateway>();
  readonly #server: WebSocketServer;
  #isClosed = false;

  constructor(parts: GatewaysParts) {
    this.#parts = parts;
    this.#server = new WebSocketServer({
      ...{ noServer: true, clientTracking: false, perMessageDeflate: false, maxPayload: parts.limits.frame },
    });
  }

  /** Gateways that are linked. */
  get size(): number {
    return this.#linked.size;
  }

  /** Takes over the connection of a gateway; false for what is none. */
  upgrade(incoming: IncomingMessage, socket: Duplex, head: Buffer): boolean {
    const { secret, limits } = this.#parts;
    if (secret === undefined || incoming.url !== LINK_PATH) return false;
    const { authorization, [VERSION_HEADER]: version } = incoming.headers;
    if (!isSame(authorization ?? '', `Bearer ${secret}`)) this.#refuse(socket, 401);
    else if (version !== LINK_VERSION) this.#refuse(socket, 426);
    else if (this.#isClosed || this.#linked.size >= limits.gateways) this.#refuse(socket, 503);
    else this.#server.handleUpgrade(incoming, socket, head, (ws) => this.#add(ws));
    return true;
  }

  /** Ends all links: viewers stay where they are, until the server is back. */
  close(): void {
    this.#isClosed = true;
    for (const gateway of [...this.#linked]) gateway.close();
  }

  #refuse(socket: Duplex, status: number): void {
    this.#parts.onRefused(status);
    socket.end(`HTTP/1.1 ${status} ${REASONS.get(status) ?? ''}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
  }

  #add(ws: WebSocket): void {
    const { clock, limits, sums, desk, everybody, onChange, onFault } = this.#parts;
    const gateway = new LinkedGateway({
      ...{ ws, clock, limits, sums, desk, onFault },
      onCounted: (channelId) => this.#count(channelId),
    });
    this.#linked.add(gateway);
    everybody.add(gateway);
    onChange(true, undefined);
    gateway.onEnd((why) => {
      this.#linked.delete(gateway);
      everybody.remove(gateway);
      onChange(false, why);
    });
  }

  #count(channelId: string): void {
    let viewers = 0;
    for (const gateway of this.#linked) viewers += gateway.viewersOf(channelId);
    this.#parts.desk.opened(channelId)?.feed.setViewersElsewhere(viewers);
  }
}

/** In a time that tells nothing of where they differ. */
function isSame(shown: string, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(shown), digest(expected));
}
