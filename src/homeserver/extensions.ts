/**
 * What extensions bring along, and where they take part. With the lines of an extension taken out, here, in
 * `config/schema.ts` and in `migrations/index.ts`, the tree without its folder is a complete homeserver.
 */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Config } from '../config/schema.ts';
import type { Surroundings } from '../homeserver.ts';
import { liveEndpoints } from '../live/api/endpoints.ts';
import { composeLive, type LiveFoundations } from '../live/compose-live.ts';
import { liveArea } from '../live/store/live-area.ts';
import type { SqlArea } from '../storage/sql/area.ts';

/** Their parts of the storage. */
export const extensionAreas: readonly SqlArea[] = [liveArea];

/** Their endpoints. */
export const extensionEndpoints = [...liveEndpoints];

/** Their flags in `GET /versions`. */
export function extensionFeatures(config: Config): Readonly<Record<string, boolean>> {
  return { ...(config.live.enabled ? { 'online.beamify.live.v1': true } : {}) };
}

/** An extension while the server runs. */
export interface Extension {
  /** Before anything is received. */
  start(): Promise<void>;
  /** Takes a connection over that asks to become something else, if it is for the extension. */
  upgrade(incoming: IncomingMessage, socket: Duplex, head: Buffer, address: string): boolean;
  /** Sends those away who stay connected; the server is about to stop. */
  drain(): void;
  /** When nothing comes in any more. */
  stop(): Promise<void>;
}

/** Their services, by the names that their endpoints know. */
export function composeExtensions(around: Surroundings, on: LiveFoundations) {
  const live = composeLive(around, on);
  const extensions: readonly Extension[] = [live];
  return { live, extensions };
}
