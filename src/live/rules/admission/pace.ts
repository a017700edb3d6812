/** Token buckets and slow mode as values: what somebody may send now, and what is noted when they did. */
import { isModerator, type Standing } from '../standing.ts';

export interface Bucket {
  readonly tokens: number;
  /** Milliseconds since the epoch at which `tokens` was right. */
  readonly at: number;
}

export interface Rate {
  readonly count: number;
  readonly perMs: number;
}

export interface PaceRecord {
  /** When the last message got in; undefined: none of late. */
  readonly lastAt: number | undefined;
  /** Undefined: full. */
  readonly bucket: Bucket | undefined;
}

export const NO_PACE: PaceRecord = { lastAt: undefined, bucket: undefined };

export interface PaceLimits {
  /** Milliseconds between two messages of a user, in every room. */
  readonly floorMs: number;
  readonly users: Rate;
  readonly moderators: Rate;
  readonly bots: Rate;
}

export function rateOf(limits: PaceLimits, sender: Standing): Rate {
  if (sender.isBot) return limits.bots;
  return isModerator(sender) ? limits.moderators : limits.users;
}

/** The bucket at `now`. A clock that was set back gives nothing and takes nothing. */
export function refilled(bucket: Bucket | undefined, rate: Rate, now: number): Bucket {
  if (bucket === undefined) return { tokens: rate.count, at: now };
  const back = (Math.max(0, now - bucket.at) / rate.perMs) * rate.count;
  return { tokens: Math.min(rate.count, bucket.tokens + back), at: now };
}

/** Milliseconds until the bucket, as it is now, holds `tokens`; 0 if it does. */
export function waitFor(bucket: Bucket, rate: Rate, tokens = 1): number {
  return bucket.tokens >= tokens ? 0 : Math.ceil(((tokens - bucket.tokens) / rate.count) * rate.perMs);
}

/** The record after an attempt that was let as far as its text, whatever became of it. */
export function afterAttempt(record: PaceRecord, rate: Rate, now: number): PaceRecord {
  const { tokens, at } = refilled(record.bucket, rate, now);
  return { ...record, bucket: { tokens: Math.max(0, tokens - 1), at } };
}

/** The record after a message got in, or is held for moderators. */
export function afterAccepted(record: PaceRecord, now: number): PaceRecord {
  return { ...record, lastAt: now };
}
