import type { SearchIndex } from '../services/search/search-index.ts';
import type { PeriodicTask } from './periodic-tasks.ts';

const PAUSE_MS = 1_000;

/** Makes findable what was said, a little after it was. */
export function searchTasks({ searchIndex }: { searchIndex: SearchIndex }): PeriodicTask[] {
  return [{ name: 'index messages', every: PAUSE_MS, run: () => searchIndex.run() }];
}
