/** Builds a gateway in a process of its own: it has no database, follows the order in Redis and asks the server. */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { openConfiguredSocket } from '../outgoing/configured-socket.ts';
import type { TrustSettings } from '../outgoing/trust.ts';
import { MatrixError } from '../protocol/errors.ts';
import { Gateway } from './api/gateway/gateway.ts';
import { People } from './api/gateway/people.ts';
import type { Asked } from './api/viewer-of.ts';
import type { WatchingServices } from './api/watching.ts';
import type { LiveSurroundings } from './compose-live.ts';
import { composeOrder, type RedisOptions } from './compose-order.ts';
import { Channels } from './hub/channels.ts';
import { CLOSE } from './hub/sockets/close-codes.ts';
import { nextTurn } from './hub/sockets/next-turn.ts';
import { SocketCaps } from './hub/sockets/socket-caps.ts';
import { capLimits, channelsLimits, gatewayLimits, linkLimits, sumsLimits, windowOf } from './limits-of.ts';
import { LinkError } from './link/link.ts';
import { LINK_PATH, LINK_VERSION, VERSION_HEADER } from './link/messages.ts';
import { RemoteAccess } from './link/remote-access.ts';
import { RemoteChannels } from './link/remote-channels.ts';
import { ServerLink } from './link/server-link.ts';
import { closeTo, takeNews } from './link/take-news.ts';
import type { LiveSettings } from './settings/live-section.ts';

export interface GatewayConfig {
  readonly publicBaseUrl: string;
  readonly redis: RedisOptions;
  readonly live: LiveSettings;
  readonly outgoing: TrustSettings;
}

export interface LiveGateway {
  /** What the endpoints that it serves work with. */
  readonly live: WatchingServices;
  start(): void;
  /** Whether viewers can be sent here: it has been told of channels. */
  isHealthy(): boolean;
  /** Takes a connection over, if it is of a viewer. */
  upgrade(incoming: IncomingMessage, socket: Duplex, head: Buffer, address: string): boolean;
  /** Sends viewers away. */
  drain(): void;
  /** Ends what goes on, once nobody is connected any more. */
  stop(): Promise<void>;
}

/** Milliseconds between two looks for channels that nobody watches. */
const IDLE_SWEEP_MS = 60_000;

export function composeGateway(around: LiveSurroundings, config: GatewayConfig): LiveGateway {
  const { clock, random, loggers, metrics } = around;
  const { live: settings, redis } = config;
  const log = loggers.named('live');
  const faults = metrics.counter('live_link_errors', 'What could not be asked of the server.');
  const onFault = (err: unknown) => {
    // While the server is away each viewer who wants something of it comes to this.
    if (err instanceof LinkError) faults.inc();
    else log.error({ err }, 'something went wrong that should not');
  };
  const { order, close: closeOrder } = composeOrder(redis, { clock, random, window: windowOf(settings), onFault });
  const { fanOut, ...limits } = channelsLimits(settings);
  const hub = new Channels({ ...{ clock, random, order, onFault }, ...limits, fanOut: { ...fanOut, nextTurn } });
  const people = new People();
  const questions = metrics.counter('live_link_questions', 'What was asked of the server.', ['about']);
  const link = new ServerLink({
    ...{ clock, random, onFault, limits: linkLimits(settings) },
    onAsk: (about) => questions.inc({ about }),
    dial: () => dial(config),
    onChange(isUp, err) {
      if (isUp) log.info('linked to the server');
      else log.warn(err === undefined ? {} : { err }, 'there is no link to the server');
      if (!isUp) channels.unlink();
    },
  });
  const sums = sumsLimits(settings);
  const channels = new RemoteChannels({
    ...{ clock, link, people, sums, onFault, channels: hub, laneFrames: settings.laneFrames },
    onClosed: (id) => closeTo({ people, channels, access }, id),
  });
  const access = new RemoteAccess({ clock, random, link, channels, people });
  const caps = new SocketCaps(clock, random, capLimits(settings));
  const gateway = new Gateway({
    ...{ clock, random, access, people, caps, origins: undefined, onFault },
    ...gatewayLimits(settings),
  });
  metrics.gauge('live_sockets', 'Viewers of live channels that are connected.', () => gateway.sockets);
  metrics.gauge('live_channels', 'Live channels that are open in this process.', () => channels.size);
  metrics.gauge('live_link_up', '1 while there is a link to the server.', () => Number(link.isUp));
  const cancels: (() => void)[] = [];
  return {
    live: {
      ...{ clock, caps, people, access, closeMs: settings.closeTime },
      viewerOf: asNobody,
      watched: (id, userId) => access.watched(id, userId === undefined ? undefined : { userId, deviceId: '' }),
    },
    start() {
      const onUp = () => void catchUp({ access, channels, people }).catch(onFault);
      link.start(takeNews({ people, channels, access, onFault }), onUp);
      const sweep = () => void channels.closeIdle(settings.idleTime).catch(onFault);
      cancels.push(clock.every(IDLE_SWEEP_MS, sweep));
    },
    isHealthy: () => link.wasUp,
    upgrade(incoming, socket, head, address) {
      if (!Gateway.isFor(incoming)) return false;
      gateway.upgrade(incoming, socket, head, address);
      return true;
    },
    drain() {
      gateway.stop();
    },
    async stop() {
      for (const cancel of cancels) cancel();
      link.stop();
      await hub.closeAll();
      await closeOrder();
    },
  };
}

/** Whoever shows who they are is sent to the server, which alone knows tokens and passes. */
function asNobody({ request }: Asked): undefined {
  if (request.headers.authorization === undefined) return undefined;
  throw new MatrixError('M_UNKNOWN', 'Ask the homeserver itself', { status: 421 });
}

/** What may have changed while there was no link: who is signed in, what keys open, who may watch what. */
async function catchUp(of: { access: RemoteAccess; channels: RemoteChannels; people: People }): Promise<void> {
  const { access, channels, people } = of;
  access.forget();
  // Whoever has shown a key shows it again.
  for (const id of channels.ids) people.shutOverlays(id, CLOSE.internal);
  await Promise.all([channels.refresh(), access.resume()]);
}

function dial({ publicBaseUrl, live, outgoing }: GatewayConfig) {
  const { gatewayServer = publicBaseUrl, gatewaySecret = '', linkTimeout: connectMs, linkMessage: maxMessage } = live;
  return openConfiguredSocket(new URL(`${gatewayServer}${LINK_PATH}`), {
    ...{ connectMs, maxMessage, trust: outgoing },
    headers: { Authorization: `Bearer ${gatewaySecret}`, [VERSION_HEADER]: LINK_VERSION },
  });
}
