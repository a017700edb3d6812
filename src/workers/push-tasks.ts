import type { PushSender } from '../services/push/push-sender.ts';
import type { PeriodicTask } from './periodic-tasks.ts';

/** A ringing telephone should not wait; what is said meanwhile is told together. */
const PAUSE_MS = 250;

/** Tells push gateways of what happened. */
export function pushTasks({ pushSender }: { pushSender: PushSender }): PeriodicTask[] {
  return [{ name: 'send notifications', every: PAUSE_MS, run: () => pushSender.run() }];
}
