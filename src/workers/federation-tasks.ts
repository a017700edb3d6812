import { trimKeys } from '../federation/key-ring/trim-keys.ts';
import { type PruneSettings, pruneOutbox } from '../federation/outbox/prune.ts';
import type { ReceivedToDevice } from '../services/to-device/received-to-device.ts';
import type { Storage } from '../storage/contract/storage.ts';
import type { Clock } from '../util/clock.ts';
import type { PeriodicTask } from './periodic-tasks.ts';

const HOUR = 3_600_000;

export interface FederationTaskSettings {
  readonly serverName: string;
  readonly outbox: PruneSettings;
  readonly federation: { readonly keysRemembered: number };
  readonly inbox: { readonly messageMemory: number };
}

/** Forgets what other servers have got, which messages they have brought, and the keys of too many of them. */
export function federationTasks(
  storage: Storage,
  clock: Clock,
  { receivedToDevice }: { readonly receivedToDevice: ReceivedToDevice },
  { serverName, outbox, inbox, federation }: FederationTaskSettings,
): PeriodicTask[] {
  return [
    { name: 'prune the outbox', every: HOUR, run: () => pruneOutbox(storage, clock, serverName, outbox) },
    { name: 'forget keys of servers', every: HOUR, run: () => trimKeys(storage, federation.keysRemembered) },
    {
      name: 'forget received messages',
      every: HOUR,
      run: () => receivedToDevice.forgetBefore(clock.now() - inbox.messageMemory),
    },
  ];
}
