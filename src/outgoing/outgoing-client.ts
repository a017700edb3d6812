import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../util/clock.ts';
import { IGCHAT_VERSION } from '../util/version.ts';
import { limited, type OpenAnswer, type OutgoingAnswer, readAll } from './answer.ts';
import { type ConnectionSettings, Connections } from './connections.ts';
import { Deadline } from './deadline.ts';
import type { Dialling, Route } from './dial.ts';
import { exchange, type RawAnswer, refuseDeclaredExcess } from './exchange.ts';
import { OutgoingError } from './outgoing-error.ts';
import type { OutgoingMetrics } from './outgoing-metrics.ts';
import type { OutgoingMessage, OutgoingRequest, RoutedMessage } from './outgoing-request.ts';
import { addressOf, followed } from './redirects.ts';
import { messageTo, routeOf } from './web-address.ts';

export interface ClientSettings extends ConnectionSettings {
  readonly requestTimeout: number;
  readonly maxResponseSize: number;
  readonly maxRedirects: number;
}

/** An answer that is under way, and what bounds it. */
interface Started {
  readonly answer: RawAnswer;
  readonly host: string;
  readonly deadline: Deadline;
  readonly maxBytes: number;
}

/**
 * The one client for every connection to the outside. It looks names up itself, connects to the addresses that it has
 * checked and to no others, and bounds time and size of whatever it does. All that fails is an {@link OutgoingError}.
 * Proxies of the environment are not used: they would connect to what has not been checked.
 */
export class OutgoingClient {
  readonly #settings: ClientSettings;
  readonly #connections: Connections;
  readonly #clock: Clock;
  readonly #metrics: OutgoingMetrics;

  constructor(settings: ClientSettings, dialling: Dialling, metrics: OutgoingMetrics) {
    this.#settings = settings;
    this.#connections = new Connections(settings, dialling);
    this.#clock = dialling.clock;
    this.#metrics = metrics;
  }

  /** Hosts to which connections are kept. */
  get hosts(): number {
    return this.#connections.size;
  }

  /** Sends to an address on the web and reads the whole answer. */
  async send(request: OutgoingRequest): Promise<OutgoingAnswer> {
    return this.#measured(request.purpose, async () => whole(await this.#startAt(request)));
  }

  /** As {@link send}, for a body that is read as it comes. */
  async open(request: OutgoingRequest): Promise<OpenAnswer> {
    return this.#measured(request.purpose, async () => opened(await this.#startAt(request)));
  }

  /** Sends along a route of one's own choice and reads the whole answer. A redirect is an answer like any other. */
  async sendTo(route: Route, message: RoutedMessage): Promise<OutgoingAnswer> {
    return this.#measured(message.purpose, async () => whole(await this.#startAlong(route, message)));
  }

  /** As {@link sendTo}, for a body that is read as it comes. */
  async openTo(route: Route, message: RoutedMessage): Promise<OpenAnswer> {
    return this.#measured(message.purpose, async () => opened(await this.#startAlong(route, message)));
  }

  /** Breaks off whatever is under way. */
  close(): Promise<void> {
    return this.#connections.close();
  }

  #startAt(request: OutgoingRequest): Promise<Started> {
    const most = Math.min(request.maxRedirects ?? 0, this.#settings.maxRedirects);
    return this.#start(request, addressOf(request).hostname, async (deadline) => {
      let current = request;
      for (let redirects = 0; ; redirects++) {
        const url = addressOf(current);
        const answer = await exchange(this.#connections, routeOf(url), withAgent(messageTo(url, current)), deadline);
        const location = answer.header('location');
        const next = most === 0 ? undefined : followed(current, url, { status: answer.status, location });
        if (next === undefined) return { ...answer, url: url.href };
        answer.body.on('error', () => undefined).destroy();
        if (redirects === most) throw new OutgoingError('redirect-refused', url.hostname, 'too many redirects');
        current = next;
      }
    });
  }

  #startAlong(route: Route, message: RoutedMessage): Promise<Started> {
    return this.#start(message, route.host, (deadline) =>
      exchange(this.#connections, route, withAgent(message), deadline),
    );
  }

  /** The head of the answer, by its deadline, which goes on until the body has ended. */
  async #start(
    message: OutgoingMessage,
    host: string,
    ask: (deadline: Deadline) => Promise<RawAnswer>,
  ): Promise<Started> {
    const ms = message.timeoutMs ?? this.#settings.requestTimeout;
    const maxBytes = message.maxBytes ?? this.#settings.maxResponseSize;
    const deadline = new Deadline({ clock: this.#clock, ms, host, signal: message.signal });
    try {
      const answer = await ask(deadline);
      refuseDeclaredExcess(answer, host, maxBytes);
      return { answer, host, deadline, maxBytes };
    } catch (error) {
      deadline.end();
      throw error;
    }
  }

  async #measured<A extends { readonly status: number }>(purpose: string, ask: () => Promise<A>): Promise<A> {
    const start = this.#clock.now();
    const count = (outcome: string) => this.#metrics.count(purpose, outcome, this.#clock.now() - start);
    try {
      const answer = await ask();
      count(`${Math.floor(answer.status / 100)}xx`);
      return answer;
    } catch (error) {
      count(error instanceof OutgoingError ? error.kind : 'fault');
      throw error;
    }
  }
}

async function whole({ answer, host, deadline, maxBytes }: Started): Promise<OutgoingAnswer> {
  try {
    const body = await readAll(answer.body, host, maxBytes);
    // The connection is free again a turn of the event loop after the body has ended: a request that follows takes it
    // and opens none of its own.
    await setImmediate();
    return { ...answer, body };
  } finally {
    deadline.end();
  }
}

function opened({ answer, host, deadline, maxBytes }: Started): OpenAnswer {
  const body = limited(answer.body, host, maxBytes);
  body.once('close', () => deadline.end());
  return { ...answer, body };
}

function withAgent(message: RoutedMessage): RoutedMessage {
  const headers = { 'user-agent': `iGChat/${IGCHAT_VERSION}`, 'accept-encoding': 'identity', ...message.headers };
  return { ...message, headers };
}
