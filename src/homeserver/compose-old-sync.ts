/** Composes what clients asked before there was sync. */
import type { Config } from '../config/schema.ts';
import { InitialSync, type InitialSyncParts } from '../services/sync/old/initial-sync.ts';
import { OldEventStream, type OldEventStreamParts } from '../services/sync/old/old-event-stream.ts';

export function composeOldSync(
  on: InitialSyncParts &
    Omit<OldEventStreamParts, 'access' | 'limits'> & {
      readonly config: Config;
      readonly roomAccess: OldEventStreamParts['access'];
    },
) {
  const { limits } = on.config;
  return {
    initialSync: new InitialSync(on),
    oldEventStream: new OldEventStream({ ...on, access: on.roomAccess, limits }),
  };
}
