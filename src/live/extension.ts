/** All that live rooms hand over to the homeserver. */
import { liveEndpoints } from './api/endpoints.ts';
import { composeLive } from './compose-live.ts';
import type { LiveSettings } from './settings/live-section.ts';
import { liveArea } from './store/live-area.ts';

export const liveExtension = {
  area: liveArea,
  endpoints: liveEndpoints,
  /** Flags in `GET /versions`. */
  features: { 'online.beamify.live.v1': true },
  isEnabled: ({ live }: { readonly live: LiveSettings }): boolean => live.enabled,
  compose: composeLive,
} as const;
