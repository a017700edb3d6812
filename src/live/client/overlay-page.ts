/** The page for streaming programs: the chat over the picture, and nothing that anybody could click. */
import { isForNoOverlay } from './chat-for-overlay.ts';
import { ChatLines } from './chat-lines.ts';
import { LiveClient } from './live-client.ts';
import { channelId, gatewayAddress, page, part, wished, wishes } from './page-elements.ts';
import { PollCard } from './poll-card.ts';
import { RaidBanner } from './raid-banner.ts';

const root = page.document.documentElement;
// Behind `#` a key is sent to no server and stands in no log.
const key = new URLSearchParams(page.location.hash.slice(1)).get('key') ?? undefined;
const client = new LiveClient({
  gateway: gatewayAddress(),
  profile: 'overlay',
  ...(key === undefined ? {} : { overlayKey: key }),
});
root.style.setProperty('--size', `${wished('size', 22, 10, 80)}px`);
root.classList.toggle('on-right', wishes().get('align') === 'right');
root.classList.toggle('boxed', wishes().get('style') === 'box');
root.classList.toggle('light', wishes().get('theme') === 'light');

const channel = client.subscribe(channelId());
const most = wished('lines', 12, 1, 100);
new ChatLines(channel, {
  ...{ list: part('lines'), max: () => most },
  ...{ fadeMs: wished('fade', 0, 0, 3600) * 1000, delayMs: wished('delay', 0, 0, 30) * 1000 },
  around: (_lines, change) => change(),
  // Snapshots are the same for everybody.
  isShown: ({ tx, b }) => !isForNoOverlay({ tx, b }),
});
if (wishes().get('polls') !== 'off') new PollCard(channel, { at: part('poll') });
if (wishes().get('raids') !== 'off') new RaidBanner(channel, { at: part('raid') });
