import type { Area } from '../contract/area.ts';
import { definitionList } from './definitions.ts';
import type { MutationDefinition } from './mutation.ts';
import type { Reader } from './query.ts';

/** An extension's part of the storage, as the engines need it. */
export interface SqlArea<S = unknown> extends Area<S> {
  readonly open: (reader: Reader) => S;
  readonly mutations: Readonly<Record<string, MutationDefinition>>;
}

/** Definitions in a fixed order: engines and committer name them by index. */
export type MutationList = readonly (readonly [name: string, definition: MutationDefinition])[];

/** Every mutation of the server, and behind them those of the extensions. */
export function mutationsWith(areas: readonly SqlArea[]): MutationList {
  return [...definitionList, ...areas.flatMap(({ mutations }) => Object.entries(mutations))];
}
