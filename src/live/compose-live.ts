/** Builds live rooms from what the homeserver gives them. No logic. */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { ExtensionFoundations } from '../services/extension-foundations.ts';
import type { Clock } from '../util/clock.ts';
import type { Loggers } from '../util/logger.ts';
import type { Metrics } from '../util/metrics.ts';
import type { Random } from '../util/random.ts';
import { Gateway, gatewayUrlOf } from './api/gateway/gateway.ts';
import { People } from './api/gateway/people.ts';
import { performAction } from './api/live-actions.ts';
import { viewerOf } from './api/viewer-of.ts';
import { composeChat } from './compose-chat.ts';
import { composeExtras } from './compose-extras.ts';
import type { RedisOptions } from './compose-order.ts';
import { SocketCaps } from './hub/sockets/socket-caps.ts';
import { capLimits, gatewayLimits, linkLimits, sumsLimits } from './limits-of.ts';
import { Everybody } from './link/everybody.ts';
import { GatewayDesk } from './link/gateway-desk.ts';
import { Gateways } from './link/gateways.ts';
import type { LiveServices } from './live-services.ts';
import { ChannelViews } from './services/channel-views.ts';
import { Passes } from './services/passes.ts';
import { Platform } from './services/platform.ts';
import { ResumeSecrets } from './services/resume-secrets.ts';
import { SignInOrigins } from './services/sign-in-origins.ts';
import { Tickets } from './services/tickets.ts';
import { ViewerAccess } from './services/viewer-access.ts';
import { watchChanges } from './services/watch-changes.ts';
import type { LiveSettings } from './settings/live-section.ts';

/** What live rooms are built on. */
export interface LiveFoundations extends ExtensionFoundations {
  readonly config: {
    readonly serverName: string;
    readonly publicBaseUrl: string;
    readonly redis: RedisOptions;
    readonly live: LiveSettings;
    readonly serverNotices: { readonly localpart?: string | undefined };
  };
}

export interface LiveSurroundings {
  readonly clock: Clock;
  readonly random: Random;
  readonly loggers: Loggers;
  readonly metrics: Metrics;
}

export interface Live extends LiveServices {
  readonly gateway: Gateway;
  /** Those that run in processes of their own. */
  readonly gateways: Gateways;
  /** Reads what there is. Before anything is received. */
  start(): Promise<void>;
  /** Takes a connection over, if it is for the gateway. */
  upgrade(incoming: IncomingMessage, socket: Duplex, head: Buffer, address: string): boolean;
  /** Sends viewers away. */
  drain(): void;
  /** Ends what goes on, once nothing comes in any more. */
  stop(): Promise<void>;
}

export function composeLive(around: LiveSurroundings, on: LiveFoundations): Live {
  const { clock, random, loggers, metrics } = around;
  const { live: settings, publicBaseUrl, redis } = on.config;
  const log = loggers.named('live');
  const onFault = (err: unknown) => log.error({ err }, 'something went wrong that should not');
  const people = new People();
  const everybody = new Everybody(people);
  const chat = composeChat(around, on, everybody, onFault);
  const { book, liveChannels, moderation } = chat;
  const caps = new SocketCaps(clock, random, capLimits(settings));
  const extras = composeExtras(around, on, { ...chat, people: everybody, onFault });
  const tickets = new Tickets(clock, random, settings.tickets);
  const secrets = new ResumeSecrets(clock, random, { max: settings.resumeSecrets, lifeMs: settings.resumeTime });
  const passes = new Passes(clock, random, { max: settings.passes, lifeMs: settings.resumeTime });
  const origins = new SignInOrigins(publicBaseUrl, settings.origins, book);
  const access = new ViewerAccess({
    ...{ ...chat, ...extras, tickets, secrets, origins, rooms: on.rooms },
    moderate: (account, channelId, json) =>
      performAction(services, { ...account, isAdmin: false }, book.get(channelId), json),
    overlayChannel: (key) => extras.overlayKeys.channelOf(key),
    warningOf: (live, userId) => moderation.warningOf(live, userId),
  });
  const services: LiveServices = {
    ...{ ...chat, ...extras, clock, caps, people, rooms: on.rooms, tickets, passes, origins, access },
    ...{ media: on.media, thumbnails: on.thumbnails },
    views: new ChannelViews({ book, liveChannels, rooms: on.rooms }),
    gatewayUrl: gatewayUrlOf(publicBaseUrl),
    platform: new Platform(clock, {
      ...{ secret: settings.platformSecret, skewMs: settings.platformClockSkew, max: settings.platformRequests },
    }),
    closeMs: settings.closeTime,
    viewerOf: (asked) => viewerOf(services, asked),
    watched: (id, userId) => access.watched(id, userId === undefined ? undefined : { userId, deviceId: '' }),
  };
  const gateway = new Gateway({
    ...{ clock, random, access, people, caps, origins: undefined, onFault },
    ...gatewayLimits(settings),
  });
  const refused = metrics.counter('live_gateways_refused', 'Gateways that were not let in.', ['status']);
  const gateways = new Gateways({
    ...{ clock, everybody, onFault, limits: linkLimits(settings) },
    onRefused: (status) => refused.inc({ status: String(status) }),
    onChange: (isLinked, err) => log.info(err ? { err } : {}, isLinked ? 'a gateway is linked' : 'a gateway is gone'),
    secret: redis.url === undefined ? undefined : settings.gatewaySecret,
    desk: new GatewayDesk({ ...chat, ...{ storage: on.storage, rooms: on.rooms, access, secrets } }),
    sums: sumsLimits(settings),
  });
  watchChanges({ ...chat, notices: on.notices, rooms: on.rooms, people: everybody, tickets, secrets, passes, onFault });
  metrics.gauge('live_sockets', 'Viewers of live channels that are connected.', () => gateway.sockets);
  metrics.gauge('live_channels', 'Live channels that are open in this process.', () => liveChannels.size);
  metrics.gauge('live_gateways', 'Gateways in processes of their own that are linked.', () => gateways.size);
  return {
    ...services,
    gateway,
    gateways,
    async start() {
      if (settings.gatewaySecret !== undefined && redis.url === undefined) {
        log.warn('gateways are not let in (live.gateway_secret), for what viewers are told is in no Redis (redis.url)');
      }
      await book.start();
      await moderation.start();
      await chat.automod.start();
      await chat.modRooms.start();
      await extras.start();
    },
    upgrade(incoming, socket, head, address) {
      if (!settings.enabled) return false;
      if (gateways.upgrade(incoming, socket, head)) return true;
      if (!Gateway.isFor(incoming)) return false;
      gateway.upgrade(incoming, socket, head, address);
      return true;
    },
    drain() {
      gateways.close();
      gateway.stop();
    },
    async stop() {
      await extras.stop();
      await chat.modRooms.settled();
      await liveChannels.closeAll();
      await chat.closeOrder();
    },
  };
}
