/** What extensions bring along. With an empty list here the tree without their folders is a complete homeserver. */
import { liveArea } from '../live/store/live-area.ts';
import type { SqlArea } from '../storage/sql/area.ts';

/** Their parts of the storage. */
export const extensionAreas: readonly SqlArea[] = [liveArea];
