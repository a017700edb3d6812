/** `igchat live-gateway`: a gateway beside the server, for more viewers than one process serves. */
import { getChunk } from './api/channels/get-chunk.ts';
import { getSnapshot } from './api/channels/get-snapshot.ts';
import { streamEvents } from './api/channels/stream-events.ts';
import { composeGateway, type GatewayConfig } from './compose-gateway.ts';

export const gatewayProcess = {
  command: 'live-gateway',
  description: 'run a gateway for viewers of live rooms beside the server, until Ctrl-C or SIGTERM',
  port: 8010,
  /** A load balancer sends these here, and everything else to the server. */
  endpoints: [getChunk, getSnapshot, streamEvents],
  /** Options that it cannot do without, and what is expected of them. */
  missing({ redis, live }: GatewayConfig): readonly (readonly [option: string, expected: string])[] {
    const wanted = [
      ['live.enabled', live.enabled, 'expected true, for there is nothing to serve otherwise'],
      [
        'redis.url',
        redis.url !== undefined,
        'expected the Redis of the server: a gateway reads there what viewers are told',
      ],
      [
        'live.gateway_secret',
        live.gatewaySecret !== undefined,
        'expected the same secret as in the configuration of the server, such as `openssl rand -hex 32` prints',
      ],
    ] as const;
    return wanted.flatMap(([option, isThere, expected]) => (isThere ? [] : [[option, expected] as const]));
  },
  compose: composeGateway,
} as const;
