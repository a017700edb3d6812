import type { JsonObject } from '../../protocol/json.ts';
import type { Clock } from '../../util/clock.ts';

export const RETENTION = 'm.room.retention';

export interface RetentionSettings {
  readonly enabled: boolean;
  /** Milliseconds. */
  readonly defaultLifetime: number | undefined;
  readonly minLifetime: number | undefined;
  readonly maxLifetime: number | undefined;
}

/**
 * How long messages are kept: as their room wants, within what the server allows.
 * Source: https://github.com/matrix-org/matrix-spec-proposals/pull/1763
 */
export class RetentionPolicy {
  readonly #settings: RetentionSettings;
  readonly #clock: Clock;

  constructor(settings: RetentionSettings, clock: Clock) {
    this.#settings = settings;
    this.#clock = clock;
  }

  /** Milliseconds since the epoch: what was sent before is not shown any more. Undefined if everything is kept. */
  cutoff(room: {
    get(type: string, stateKey: string): { readonly content: JsonObject } | undefined;
  }): number | undefined {
    return this.#settings.enabled ? this.cutoffBy(room.get(RETENTION, '')?.content) : undefined;
  }

  /** The same, by the content of `m.room.retention`. */
  cutoffBy(content: JsonObject | undefined): number | undefined {
    const { defaultLifetime, minLifetime = 0, maxLifetime = Number.POSITIVE_INFINITY } = this.#settings;
    const wanted = content?.['max_lifetime'];
    const isGiven = typeof wanted === 'number' && Number.isSafeInteger(wanted) && wanted > 0;
    const lifetime = isGiven ? Math.max(minLifetime, Math.min(wanted, maxLifetime)) : (defaultLifetime ?? maxLifetime);
    return Number.isFinite(lifetime) ? this.#clock.now() - lifetime : undefined;
  }
}
