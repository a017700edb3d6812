import type { LastSeen } from '../services/devices/last-seen.ts';
import type { InteractiveAuth } from '../services/sessions/interactive-auth.ts';
import type { ThirdPartyIds } from '../services/third-party-ids/third-party-ids.ts';
import type { Storage } from '../storage/contract/storage.ts';
import { WriteSet } from '../storage/contract/write-set.ts';
import type { Clock } from '../util/clock.ts';
import type { PeriodicTask } from './periodic-tasks.ts';

const MINUTE = 60_000;
/** Expired sessions deleted in one run. */
const SESSIONS = 500;

/** Writes down when devices were last used, and forgets expired tokens and sessions of interactive authentication. */
export function accountTasks(
  storage: Storage,
  clock: Clock,
  services: { lastSeen: LastSeen; interactiveAuth: InteractiveAuth; thirdPartyIds: ThirdPartyIds },
): PeriodicTask[] {
  const { thirdPartyIds } = services;
  const proofs = { name: 'expire proofs of addresses', every: MINUTE, run: () => thirdPartyIds.proofs.expire() };
  return [
    ...(thirdPartyIds.hasEmail ? [proofs] : []),
    { name: 'write down last seen', every: MINUTE, run: () => services.lastSeen.flush() },
    { name: 'expire interactive sessions', every: MINUTE, run: () => services.interactiveAuth.prune(SESSIONS) },
    {
      name: 'expire tokens',
      every: MINUTE,
      async run() {
        const now = clock.now();
        await storage.commit(new WriteSet().add('login_tokens.expire', { now }).add('openid_tokens.expire', { now }));
      },
    },
  ];
}
