import type { ServerName } from '../protocol/identifiers/server-name.ts';
import { serverAclAllows } from '../protocol/visibility/server-acl.ts';

export interface FederatedServerSettings {
  readonly enabled: boolean;
  /** Patterns, as of `m.room.server_acl`. */
  readonly allowServers: readonly string[];
  readonly denyServers: readonly string[];
}

/** The servers with which this one speaks: in both directions, of whatever room. */
export class FederatedServers {
  readonly #settings: FederatedServerSettings;
  readonly #lists: { allow: string[]; deny: string[] };
  readonly #self: string;

  constructor(settings: FederatedServerSettings, self: string) {
    this.#settings = settings;
    this.#lists = { allow: [...settings.allowServers], deny: [...settings.denyServers] };
    this.#self = self;
  }

  /** Whether there are any. */
  get isEnabled(): boolean {
    return this.#settings.enabled;
  }

  has(server: ServerName): boolean {
    return this.#settings.enabled && server !== this.#self && serverAclAllows(this.#lists, server);
  }
}
