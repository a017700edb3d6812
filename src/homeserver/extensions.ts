/**
 * What extensions bring along, and where they take part. With the lines of an extension taken out, here, in
 * `config/schema.ts` and in `migrations/index.ts`, the tree without its folder is a complete homeserver.
 */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Config } from '../config/schema.ts';
import type { Surroundings } from '../homeserver.ts';
import type { Endpoint } from '../http/endpoint.ts';
import { liveExtension } from '../live/extension.ts';
import type { JsonObject } from '../protocol/json.ts';
import type { ExtensionFoundations } from '../services/extension-foundations.ts';
import type { SqlArea } from '../storage/sql/area.ts';

const all = {
  live: liveExtension,
};
type All = typeof all;

/** What an extension hands over. Its endpoints work with its own services, under its name. */
interface ExtensionParts {
  readonly area: SqlArea;
  readonly endpoints: readonly Endpoint<never>[];
  readonly features: Readonly<Record<string, boolean>>;
  capabilities(config: Config): JsonObject;
  isEnabled(config: Config): boolean;
  compose(around: Surroundings, on: Foundations): Extension;
  readonly processes: readonly ExtensionProcess[];
}

/** A process of an extension beside the server, which a command of its own starts. It has no database. */
export interface ExtensionProcess {
  readonly command: string;
  readonly description: string;
  /** Where it listens unless told otherwise. */
  readonly port: number;
  readonly endpoints: readonly Endpoint<never>[];
  /** Options that it cannot do without, and what is expected of them. */
  missing(config: Config): readonly (readonly [option: string, expected: string])[];
  compose(around: Surroundings, config: Config): RunningProcess;
}

/** Such a process while it runs. Its endpoints work with it. */
export interface RunningProcess extends Omit<Extension, 'start'> {
  /** Once it listens. */
  start(): void;
  isHealthy(): boolean;
}

const extensions: readonly ExtensionParts[] = Object.values(all);

/** Their parts of the storage. */
export const extensionAreas = extensions.map(({ area }) => area);

/** Their processes beside the server. */
export const extensionProcesses = extensions.flatMap(({ processes }) => processes);

/** Every endpoint of theirs. */
export const extensionEndpoints = extensions.flatMap(({ endpoints }) => endpoints);

/** The endpoints of those that the configuration has switched on. */
export function endpointsOfExtensions(config: Config): readonly Endpoint<never>[] {
  return extensions.filter(({ isEnabled }) => isEnabled(config)).flatMap(({ endpoints }) => endpoints);
}

/** Their flags in `GET /versions`. */
export function featuresOfExtensions(config: Config): Readonly<Record<string, boolean>> {
  const enabled = extensions.filter(({ isEnabled }) => isEnabled(config));
  return Object.fromEntries(enabled.flatMap(({ features }) => Object.entries(features)));
}

/** What they add to `GET /capabilities`. */
export function capabilitiesOfExtensions(config: Config): JsonObject {
  const enabled = extensions.filter(({ isEnabled }) => isEnabled(config));
  return Object.fromEntries(enabled.flatMap(({ capabilities }) => Object.entries(capabilities(config))));
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

/** What they are built on. */
type Foundations = ExtensionFoundations & { readonly config: Config };

type ComposedBy<E> = E extends { compose(...args: never): infer C } ? C : never;

/** Their services, by the names that their endpoints know. */
export function composeExtensions(around: Surroundings, on: Foundations) {
  const named: [string, ExtensionParts][] = Object.entries(all);
  const composed = named.map(([name, { compose }]) => [name, compose(around, on)] as const);
  return {
    ...(Object.fromEntries(composed) as { readonly [K in keyof All]: ComposedBy<All[K]> }),
    extensions: composed.map(([, extension]) => extension),
  };
}
