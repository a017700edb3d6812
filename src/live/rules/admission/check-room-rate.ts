/** Step 6: the room takes in so many messages a second; those who carry it come first. */
import { refuse, type Step } from '../refusals.ts';
import { hasRole, isModerator, type Standing } from '../standing.ts';
import type { Attempt } from './attempt.ts';
import { type Bucket, type Rate, refilled, waitFor } from './pace.ts';

/** Share of the bucket that is kept for VIPs and subscribers. */
const RESERVED = 0.2;

export function roomRate(admitRate: number): Rate {
  return { count: admitRate, perMs: 1000 };
}

export function checkRoomRate({ sender, roomBucket, settings, now }: Attempt): Step {
  if (sender === undefined || isModerator(sender)) return undefined;
  const rate = roomRate(settings.admitRate);
  const needed = isPreferred(sender) ? 1 : 1 + Math.floor(rate.count * RESERVED);
  const wait = waitFor(refilled(roomBucket, rate, now), rate, needed);
  // Whoever waits tries together with all the others that wait: a second gives them room.
  return wait > 0 ? refuse('room_busy', wait + 1000) : undefined;
}

function isPreferred(sender: Standing): boolean {
  return hasRole(sender, 'vip') || hasRole(sender, 'subscriber') || sender.isBot;
}

/** The bucket after a message got in. */
export function afterAdmission(bucket: Bucket, admitRate: number, now: number): Bucket {
  const { tokens } = refilled(bucket, roomRate(admitRate), now);
  return { tokens: Math.max(0, tokens - 1), at: now };
}
