import type { DestinationRow } from '../../storage/contract/outbox.ts';
import type { Random } from '../../util/random.ts';

export interface BackoffSettings {
  /** Milliseconds after the first failure; twice as long after each that follows. */
  readonly retryMin: number;
  readonly retryMax: number;
}

/** A server of which nothing is known: it has got nothing, and nothing has failed. */
export function newDestination(server: string): DestinationRow {
  return { server, sent_up_to: 0, catch_up_to: 0, failing_since: null, attempts: 0, retry_at: 0 };
}

/**
 * The server has failed once more. The pause is drawn from half to one and a half of what is due, so that servers which
 * failed together do not come back together. One that says itself when it wants to be asked again is, soon after that.
 *
 * @param askedFor milliseconds that the server itself asked for; 0 if it did not.
 */
export function failed(
  row: DestinationRow,
  { retryMin, retryMax }: BackoffSettings,
  now: number,
  random: Random,
  askedFor = 0,
): DestinationRow {
  const drawn = random.bytes(4).readUInt32BE() / 2 ** 32;
  const due = Math.min(retryMax, retryMin * 2 ** Math.min(row.attempts, 40));
  const pause = askedFor > 0 ? askedFor * (1 + drawn / 4) : due * (0.5 + drawn);
  return {
    ...row,
    failing_since: row.failing_since ?? now,
    attempts: askedFor > 0 ? row.attempts : row.attempts + 1,
    retry_at: now + Math.max(1, Math.round(pause)),
  };
}

/** The server has answered well. */
export function recovered(row: DestinationRow): DestinationRow {
  return row.failing_since === null ? row : { ...row, failing_since: null, attempts: 0, retry_at: 0 };
}
