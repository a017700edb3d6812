import type { DelayedEvents } from '../services/delayed-events/delayed-events.ts';
import type { Media } from '../services/media/media.ts';
import type { MediaUse } from '../services/media/media-use.ts';
import type { RemoteMedia } from '../services/media/remote-media.ts';
import type { Presence } from '../services/presence/presence.ts';
import type { UrlPreviews } from '../services/previews/url-previews.ts';
import type { Retention } from '../services/retention/retention.ts';
import type { UnusedMedia } from '../services/retention/unused-media.ts';
import type { PeriodicTask } from './periodic-tasks.ts';

const PRESENCE_MS = 10_000;
const MEDIA_MS = 15 * 60_000;
const RETENTION_MS = 60_000;
const HOUR_MS = 3_600_000;

export interface UserDataServices {
  readonly delayedEvents: DelayedEvents;
  readonly presence: Presence;
  readonly media: Media;
  readonly mediaUse: MediaUse;
  readonly unusedMedia: UnusedMedia;
  readonly urlPreviews: UrlPreviews;
  readonly remoteMedia: RemoteMedia;
  readonly retention: Retention;
}

/**
 * Finds out who has gone or become idle, gives up uploads that never came, and forgets what pages were about and what became
 * of delayed events.
 */
export function userDataTasks({
  delayedEvents,
  presence,
  media,
  mediaUse,
  unusedMedia,
  remoteMedia,
  retention,
  urlPreviews,
}: UserDataServices): PeriodicTask[] {
  return [
    { name: 'refresh presence', every: PRESENCE_MS, run: async () => presence.sweep() },
    { name: 'expire uploads', every: MEDIA_MS, run: () => media.expire() },
    {
      name: 'expire files',
      every: MEDIA_MS,
      async run() {
        await mediaUse.flush();
        await unusedMedia.expire();
      },
    },
    { name: 'expire files of other servers', every: MEDIA_MS, run: () => remoteMedia.expire() },
    { name: 'delete old messages', every: RETENTION_MS, run: () => retention.run() },
    { name: 'expire delayed events', every: HOUR_MS, run: () => delayedEvents.expire() },
    { name: 'expire previews', every: MEDIA_MS, run: () => urlPreviews.prune() },
  ];
}
