/** Time-outs and warnings of all channels, in memory: admission asks for them with each message. */
import type { Sanctions } from '../rules/standing.ts';
import type { SanctionKind, SanctionRow } from '../store/live-store.ts';

type Known = Pick<SanctionRow, 'until_ts' | 'reason'>;

export class SanctionBook {
  readonly #byUser = new Map<string, Map<SanctionKind, Known>>();

  put({ channel_id, user_id, kind, until_ts, reason }: SanctionRow): void {
    const key = keyOf(channel_id, user_id);
    const known = this.#byUser.get(key) ?? new Map<SanctionKind, Known>();
    known.set(kind, { until_ts, reason });
    this.#byUser.set(key, known);
  }

  remove(channelId: string, userId: string, kind: SanctionKind): void {
    const key = keyOf(channelId, userId);
    const known = this.#byUser.get(key);
    known?.delete(kind);
    if (known?.size === 0) this.#byUser.delete(key);
  }

  /** What holds against a user at `now`; whether it is banned is for the room to say. */
  of(channelId: string, userId: string, now: number, banned: boolean): Sanctions {
    const known = this.#byUser.get(keyOf(channelId, userId));
    const until = known?.get('timeout')?.until_ts ?? undefined;
    return {
      banned,
      timedOutUntil: until !== undefined && until > now ? until : undefined,
      warned: known?.has('warning') ?? false,
    };
  }

  /** Why a user was warned; undefined if it was not, or has accepted it. */
  warningOf(channelId: string, userId: string): string | undefined {
    return this.#byUser.get(keyOf(channelId, userId))?.get('warning')?.reason;
  }

  /** Lets go of what is over at `now`. */
  expire(now: number): void {
    for (const [key, known] of this.#byUser) {
      const until = known.get('timeout')?.until_ts;
      if (until !== null && until !== undefined && until <= now) known.delete('timeout');
      if (known.size === 0) this.#byUser.delete(key);
    }
  }
}

function keyOf(channelId: string, userId: string): string {
  return `${channelId}\0${userId}`;
}
