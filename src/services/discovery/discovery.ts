import type { JsonObject } from '../../protocol/json.ts';

/** What this server tells of itself; put together once, from the configuration and from what has been built in. */
export interface Discovery {
  /** Of this software. */
  readonly version: string;
  /** Features of proposals, by their names in `GET /versions`; true only for what works. */
  readonly unstableFeatures: Readonly<Record<string, boolean>>;
  /** `/.well-known/matrix/client` */
  readonly client: JsonObject;
  /** `/.well-known/matrix/server`; undefined where other servers find this one without it. */
  readonly server: JsonObject | undefined;
  /** `/.well-known/matrix/support`; undefined if nobody is named. */
  readonly support: JsonObject | undefined;
  /** Capabilities that are the same for everybody. */
  readonly capabilities: JsonObject;
  /** What of account moderation the endpoints of server administrators offer. */
  readonly accountModeration: { readonly suspend: boolean; readonly lock: boolean };
}
