import type { JsonObject } from '../../protocol/json.ts';
import { roomVersionsCapability } from '../../protocol/room-versions/index.ts';
import type { Discovery } from './discovery.ts';

export interface DiscoverySettings {
  readonly version: string;
  readonly serverName: string;
  /** Where clients and, by default, other servers reach this one. */
  readonly publicBaseUrl: string;
  /** Host and port where other servers are told to come, in place of that. */
  readonly wellKnownServer?: string | undefined;
  readonly unstableFeatures: Readonly<Record<string, boolean>>;
  /** Of rooms whose creator asks for none. */
  readonly defaultRoomVersion: string;
  /** Whether people have passwords here that they can change. */
  readonly passwordChange: boolean;
  /** Whether `POST /login/get_token` works. */
  readonly loginTokens: boolean;
  /** Whether people can add e-mail addresses. */
  readonly emailAddresses: boolean;
  /** Whether there are previews of pages. */
  readonly urlPreviews: boolean;
  /** Milliseconds that an event may be delayed. */
  readonly maxDelay: number;
  /** Capabilities of extensions. */
  readonly extraCapabilities?: JsonObject;
  /** Further keys of `/.well-known/matrix/client`. */
  readonly extraClient?: JsonObject;
  readonly support?: JsonObject;
}

/** Source: https://spec.matrix.org/v1.19/client-server-api/#capabilities-negotiation */
export function makeDiscovery(settings: DiscoverySettings): Discovery {
  const enabled = (yes: boolean) => ({ enabled: yes });
  return {
    version: settings.version,
    unstableFeatures: settings.unstableFeatures,
    client: { 'm.homeserver': { base_url: settings.publicBaseUrl }, ...settings.extraClient },
    server: delegation(settings),
    support: settings.support,
    capabilities: {
      'm.room_versions': roomVersionsCapability(settings.defaultRoomVersion),
      'm.change_password': enabled(settings.passwordChange),
      'm.set_displayname': enabled(true),
      'm.set_avatar_url': enabled(true),
      'm.3pid_changes': enabled(settings.emailAddresses),
      'm.get_login_token': enabled(settings.loginTokens),
      'm.profile_fields': enabled(true),
      'm.forget_forced_upon_leave': enabled(false),
      ...settings.extraCapabilities,
      'io.element.msc4452.preview_url': enabled(settings.urlPreviews),
      'org.matrix.msc4140.delayed_events': { max_delay_ms: settings.maxDelay },
    },
    accountModeration: { suspend: true, lock: true },
  };
}

/** Other servers try port 8448 of the server name; only when told otherwise do they come to where clients come. */
function delegation({ publicBaseUrl, serverName, wellKnownServer }: DiscoverySettings): JsonObject | undefined {
  if (wellKnownServer !== undefined) return { 'm.server': wellKnownServer };
  const url = new URL(publicBaseUrl);
  if (url.protocol !== 'https:') return undefined;
  const server = `${url.hostname}:${url.port || '443'}`;
  return server === `${serverName}:8448` || server === serverName ? undefined : { 'm.server': server };
}
