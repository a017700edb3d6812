/**
 * What viewers see live when more is said than can be read: so many messages a second, and who matters to the channel
 * first. The rest is in the room all the same.
 */
import type { Random } from '../../util/random.ts';

/** 0 is always shown: streamer, moderators, notices, answers to the streamer. 1 subscribers, 2 first-time chatters, 3 the rest. */
export type SamplingRank = 0 | 1 | 2 | 3;

/**
 * The indices of those that are shown, in order: all of rank 0, and of the others as many as `room` leaves, the lower
 * rank first, by lot within a rank.
 */
export function chooseShown(ranks: readonly SamplingRank[], room: number, random: Random): readonly number[] {
  if (ranks.length <= room) return ranks.map((_, index) => index);
  const chosen: number[] = [];
  for (const rank of [0, 1, 2, 3]) {
    const indices = ranks.flatMap((other, index) => (other === rank ? [index] : []));
    const left = rank === 0 ? indices.length : Math.max(0, Math.floor(room) - chosen.length);
    chosen.push(...(indices.length <= left ? indices : drawn(indices, left, random)));
  }
  return chosen.sort((a, b) => a - b);
}

/** `count` of them, each as likely as the others. */
function drawn(indices: number[], count: number, random: Random): number[] {
  const pool = [...indices];
  for (let at = 0; at < count; at++) {
    // The bias of the remainder is one in millions for the few hundred that wait in a tick.
    const other = at + (random.bytes(4).readUInt32BE() % (pool.length - at));
    [pool[at], pool[other]] = [pool[other]!, pool[at]!];
  }
  return pool.slice(0, count);
}

/** Room for messages that comes back over time: a second's worth may be used at once. */
export class DisplayAllowance {
  #room: number | undefined;
  #at = 0;

  /** Whole messages that may be shown at `now`. */
  available(rate: number, now: number): number {
    const elapsed = Math.max(0, now - this.#at);
    this.#room = this.#room === undefined ? rate : Math.min(rate, this.#room + (elapsed / 1000) * rate);
    this.#at = now;
    return Math.floor(this.#room);
  }

  /** Takes what was shown, be it more than there was room for. */
  use(count: number): void {
    this.#room = Math.max(0, (this.#room ?? 0) - count);
  }
}
