import type { Storage } from '../../storage/contract/storage.ts';
import { WriteSet } from '../../storage/contract/write-set.ts';
import type { Clock } from '../../util/clock.ts';

export interface PruneSettings {
  /** EDUs kept for one server. */
  readonly edusPerServer: number;
  /** Milliseconds: for servers that failed for longer, only the newest event of each room is kept. */
  readonly abandonAfter: number;
}

/** Positions behind the head that are left alone: writes on their way may need them. */
const MARGIN = 10_000;

/** Forgets which events were to be sent, once all servers have them, and the oldest of too many EDUs for one server. */
export async function pruneOutbox(
  storage: Storage,
  clock: Clock,
  serverName: string,
  settings: PruneSettings,
): Promise<void> {
  const abandoned = clock.now() - settings.abandonAfter;
  const { needed, overfull } = await storage.readHeavy(async (tx) => ({
    needed: await tx.outbox.oldestNeeded(serverName, abandoned),
    overfull: await tx.outbox.serversWithMore(settings.edusPerServer),
  }));
  const set = new WriteSet();
  const upTo = Math.min(needed ?? Number.MAX_SAFE_INTEGER, storage.head - MARGIN);
  if (upTo > 0) set.add('outgoing_events.prune', { position: upTo });
  for (const server of overfull) set.add('outgoing_edus.trim', { server, keep: settings.edusPerServer });
  if (set.mutations.length > 0) await storage.commit(set);
}
