/** What overlays leave out. */
import type { Fields } from './live-events.ts';

/** Bots and commands: streams and sockets leave them out by themselves. */
export function isForNoOverlay({ tx, b }: Fields): boolean {
  const isBot = Array.isArray(b) && b.some((badge) => Array.isArray(badge) && badge[0] === 'bot');
  return isBot || (typeof tx === 'string' && tx.startsWith('!'));
}
