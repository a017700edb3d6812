import type { Mutations } from '../contract/write-set.ts';
import { eventMutations } from './events.ts';
import type { MutationDefinition, MutationDefinitions } from './mutation.ts';
import { roomMutations } from './rooms.ts';

/** Every mutation. An area that adds some lists them here; a missing one does not compile. */
const definitions: MutationDefinitions = {
  ...eventMutations,
  ...roomMutations,
};

/** The definitions in a fixed order: engines and committer name them by index. */
export const definitionList = Object.entries(definitions) as [keyof Mutations, MutationDefinition][];
