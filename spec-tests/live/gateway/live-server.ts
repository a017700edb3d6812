/** A gateway on a real port, with one channel that anybody may watch, and without a homeserver behind it. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Account, GatewayAccess } from '../../../src/live/api/gateway/access.ts';
import { Gateway, type GatewayOptions } from '../../../src/live/api/gateway/gateway.ts';
import { People } from '../../../src/live/api/gateway/people.ts';
import type { ChannelWriter } from '../../../src/live/hub/channel-writer.ts';
import { Channels, type OpenChannel } from '../../../src/live/hub/channels.ts';
import { MemoryOrder } from '../../../src/live/hub/order/memory-order.ts';
import type { RoomOrder } from '../../../src/live/hub/order/room-order.ts';
import { nextTurn } from '../../../src/live/hub/sockets/next-turn.ts';
import { type CapLimits, SocketCaps } from '../../../src/live/hub/sockets/socket-caps.ts';
import type { Clock } from '../../../src/util/clock.ts';
import type { Random } from '../../../src/util/random.ts';

export const LIVE_DEFAULTS = {
  window: { maxAgeMs: 120_000, maxEntries: 3000 },
  tick: { minMs: 250, maxMs: 1000, writeCostUs: 8.5, budget: 0.5 },
  aggregates: { viewersMs: 5000, viewersShare: 0.01, reactionsMs: 500, maxKeys: 50 },
  socket: { lossyBytes: 65_536, lagBytes: 262_144, closeBytes: 1_048_576, closeMs: 30_000 },
  caps: {
    ...{ sockets: 40_000, perIpv4: 2000, perIpv6Network: 50, perUser: 10 },
    handshakes: { perSecond: 200, burst: 400 },
  },
  heartbeat: { silenceMs: 25_000, answerMs: 8000 },
  session: {
    ...{ helloMs: 10_000, heartbeatMs: 25_000, channels: 4, maxFrame: 8192, running: 8 },
    frames: { count: 40, perMs: 20_000 },
  },
};

export interface LiveServerOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly tickMs?: number;
  readonly deflateFrom?: number;
  readonly displayRate?: number;
  readonly gateway?: Partial<Omit<GatewayOptions, 'caps'>> & { readonly caps?: CapLimits };
  readonly socket?: Partial<typeof LIVE_DEFAULTS.socket>;
  readonly perform?: GatewayAccess['perform'];
  /** Otherwise one in memory. */
  readonly order?: RoomOrder;
}

export interface LiveServer {
  readonly url: string;
  readonly http: Server;
  readonly gateway: Gateway;
  readonly channel: OpenChannel;
  readonly writer: ChannelWriter;
  readonly faults: unknown[];
  close(): Promise<void>;
}

/** The channel that is there; tickets are `ticket-<user id>`. */
export const CHANNEL = 'ch_1';

export async function startLiveServer(options: LiveServerOptions): Promise<LiveServer> {
  const { clock, random } = options;
  const faults: unknown[] = [];
  const onFault = (error: unknown) => faults.push(error);
  const channels = new Channels({
    ...{ clock, random, onFault, snapshotMessages: 50, recoveryEntries: 200, laneFrames: 100, maxWaiting: 1000 },
    order: options.order ?? new MemoryOrder({ clock, random, window: LIVE_DEFAULTS.window }),
    window: LIVE_DEFAULTS.window,
    tick: { ...LIVE_DEFAULTS.tick, minMs: options.tickMs ?? 250 },
    aggregates: LIVE_DEFAULTS.aggregates,
    fanOut: {
      socket: { ...LIVE_DEFAULTS.socket, ...options.socket },
      ...{ slice: 250, deflateFrom: options.deflateFrom ?? 2000, nextTurn },
    },
  });
  const facts = {
    ...{ id: CHANNEL, room: '!live:s', facts: () => '"set":{},"pin":null' },
    displayRate: () => options.displayRate ?? 20,
  };
  const channel = await channels.open(facts);
  const writer = await channels.openWriter(facts);
  const access: GatewayAccess = {
    redeem: async ({ text }): Promise<Account | undefined> =>
      text.startsWith('ticket-') ? { userId: text.slice(7), deviceId: 'D' } : undefined,
    secretFor: ({ userId }) => `ticket-${userId}`,
    cut: () => undefined,
    overlay: async () => undefined,
    channel: async (id) => (id === CHANNEL ? channel : undefined),
    mayStay: () => true,
    you: async (_channel, account) => ({ role: 'viewer', badges: [], can: account !== undefined }),
    perform: options.perform ?? (async () => ({ ok: true, fields: { id: '$sent' } })),
  };
  const { caps, heartbeat, session } = LIVE_DEFAULTS;
  const gateway = new Gateway({
    ...{
      clock,
      random,
      access,
      people: new People(),
      heartbeat,
      session,
      closeMs: 1000,
      drainMs: 30_000,
      origins: undefined,
      onFault,
    },
    ...options.gateway,
    caps: new SocketCaps(clock, random, options.gateway?.caps ?? caps),
  });
  const http = createServer();
  http.on('upgrade', (incoming, socket, head) => gateway.upgrade(incoming, socket, head, '192.0.2.1'));
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  return {
    ...{ http, gateway, channel, writer, faults },
    url: `ws://127.0.0.1:${(http.address() as AddressInfo).port}/_matrix/client/unstable/online.beamify/live/gateway`,
    async close() {
      gateway.stop();
      await writer.close();
      await channels.closeAll();
      http.closeAllConnections();
      await new Promise<void>((resolve) => http.close(() => resolve()));
    },
  };
}
