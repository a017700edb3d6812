import type { RemoteNames } from '../services/directory/remote-names.ts';
import type { SearchIndex } from '../services/search/search-index.ts';
import type { PeriodicTask } from './periodic-tasks.ts';

const PAUSE_MS = 1_000;

export interface SearchServices {
  readonly searchIndex: SearchIndex;
  readonly remoteNames: RemoteNames;
}

/** Makes findable what was said and who is in rooms, a little after that. */
export function searchTasks({ searchIndex, remoteNames }: SearchServices): PeriodicTask[] {
  return [
    { name: 'index messages', every: PAUSE_MS, run: () => searchIndex.run() },
    { name: 'index names', every: PAUSE_MS, run: () => remoteNames.run() },
  ];
}
