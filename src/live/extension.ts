/** All that live rooms hand over to the homeserver. */
import type { JsonObject } from '../protocol/json.ts';
import { liveEndpoints } from './api/endpoints.ts';
import { gatewayUrlOf } from './api/gateway/gateway.ts';
import { composeLive } from './compose-live.ts';
import { gatewayProcess } from './gateway-process.ts';
import type { LiveSettings } from './settings/live-section.ts';
import { liveArea } from './store/live-area.ts';

/** Code points of a message, whatever a channel sets. */
const MAX_LENGTH = 500;

export const liveExtension = {
  area: liveArea,
  endpoints: liveEndpoints,
  /** Flags in `GET /versions`. */
  features: { 'online.beamify.live.v1': true },
  /** What `GET /capabilities` says. */
  capabilities: ({ publicBaseUrl }: { readonly publicBaseUrl: string }): JsonObject => ({
    'online.beamify.live': { gateway: gatewayUrlOf(publicBaseUrl), sse: true, poll: true, max_length: MAX_LENGTH },
  }),
  isEnabled: ({ live }: { readonly live: LiveSettings }): boolean => live.enabled,
  compose: composeLive,
  processes: [gatewayProcess],
} as const;
