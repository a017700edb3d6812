import type { Media } from '../services/media/media.ts';
import type { Presence } from '../services/presence/presence.ts';
import type { PeriodicTask } from './periodic-tasks.ts';

const PRESENCE_MS = 10_000;
const MEDIA_MS = 15 * 60_000;

/** Finds out who has gone or become idle, and gives up uploads that never came. */
export function userDataTasks({ presence, media }: { presence: Presence; media: Media }): PeriodicTask[] {
  return [
    { name: 'refresh presence', every: PRESENCE_MS, run: async () => presence.sweep() },
    { name: 'expire uploads', every: MEDIA_MS, run: () => media.expire() },
  ];
}
