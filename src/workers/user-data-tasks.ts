import type { Media } from '../services/media/media.ts';
import type { Presence } from '../services/presence/presence.ts';
import type { UrlPreviews } from '../services/previews/url-previews.ts';
import type { PeriodicTask } from './periodic-tasks.ts';

const PRESENCE_MS = 10_000;
const MEDIA_MS = 15 * 60_000;

export interface UserDataServices {
  readonly presence: Presence;
  readonly media: Media;
  readonly urlPreviews: UrlPreviews;
}

/** Finds out who has gone or become idle, gives up uploads that never came, and forgets what pages were about. */
export function userDataTasks({ presence, media, urlPreviews }: UserDataServices): PeriodicTask[] {
  return [
    { name: 'refresh presence', every: PRESENCE_MS, run: async () => presence.sweep() },
    { name: 'expire uploads', every: MEDIA_MS, run: () => media.expire() },
    { name: 'expire previews', every: MEDIA_MS, run: () => urlPreviews.prune() },
  ];
}
