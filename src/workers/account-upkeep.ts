import type { LastSeen } from '../services/devices/last-seen.ts';
import type { InteractiveAuth } from '../services/sessions/interactive-auth.ts';
import type { Storage } from '../storage/contract/storage.ts';
import { WriteSet } from '../storage/contract/write-set.ts';
import type { Clock } from '../util/clock.ts';
import type { Logger } from '../util/logger.ts';

export interface AccountUpkeepDependencies {
  readonly storage: Storage;
  readonly clock: Clock;
  readonly lastSeen: LastSeen;
  readonly interactiveAuth: InteractiveAuth;
  readonly log: Logger;
}

const EVERY_MS = 60_000;
/** Expired sessions deleted in one round. */
const SESSIONS = 500;

/** Writes down when devices were last used, and deletes expired tokens and sessions of interactive authentication. */
export class AccountUpkeep {
  readonly #with: AccountUpkeepDependencies;
  #cancel: (() => void) | undefined;
  #running: Promise<void> = Promise.resolve();

  constructor(dependencies: AccountUpkeepDependencies) {
    this.#with = dependencies;
  }

  start(): void {
    this.#cancel = this.#with.clock.every(EVERY_MS, () => {
      this.#running = this.#running.then(() => this.#round());
    });
  }

  /** Writes down what is left. */
  async stop(): Promise<void> {
    this.#cancel?.();
    await this.#running;
    await this.#with.lastSeen.flush();
  }

  async #round(): Promise<void> {
    const { storage, clock, lastSeen, interactiveAuth, log } = this.#with;
    try {
      await lastSeen.flush();
      await interactiveAuth.prune(SESSIONS);
      const now = clock.now();
      await storage.commit(new WriteSet().add('login_tokens.expire', { now }).add('openid_tokens.expire', { now }));
    } catch (err) {
      log.warn({ err }, 'expired tokens are left for the next round');
    }
  }
}
