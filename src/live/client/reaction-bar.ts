/** The reactions of a channel on a page: buttons, and those of all viewers that float up. */
import { channelEmotes } from './emote-picker.ts';
import type { LiveChannel } from './live-channel.ts';
import { emotePicture, make, makeButton, type PageElement } from './page-elements.ts';

export interface ReactionParts {
  readonly bar: PageElement;
  readonly sky: PageElement;
}

const STANDARD = ['🔥', '❤', '😂', '👏', '😮'];
const MAX_BUTTONS = 6;
/** Of one kind at a time, and of all. */
const MAX_RISING = 5;
const MAX_IN_SKY = 30;

export function reactionBar(channel: LiveChannel, { bar, sky }: ReactionParts): void {
  let shown = '';
  const offer = (settings: unknown) => {
    const reactions = (settings as { reactions?: { enabled?: boolean; keys?: unknown } } | null | undefined)?.reactions;
    const keys = Array.isArray(reactions?.keys) ? reactions.keys.filter((key) => typeof key === 'string') : STANDARD;
    const offered = reactions?.enabled === false ? [] : keys.slice(0, MAX_BUTTONS);
    // Whoever is about to press one finds it where it was.
    if (shown === offered.join(' ')) return;
    shown = offered.join(' ');
    bar.replaceChildren(
      ...offered.map((key) => {
        const button = makeButton('reaction', key, `React with ${key}`, () => channel.react(key));
        void picture(key).then((found) => button.replaceChildren(found));
        return button;
      }),
    );
  };
  channel.on('snapshot', ({ facts }) => offer(facts['set']));
  channel.on('settings', ({ content, type }) => {
    if (String(type).endsWith('.settings')) offer(content);
  });
  channel.on('counts', ({ rx = {} }) => {
    for (const [key, n] of Object.entries(rx)) void rise(sky, key, n);
  });
  offer(undefined);
}

/** What a reaction looks like: itself, or the emote of the channel whose word it is. */
async function picture(key: string) {
  const mxc = key.length > 2 && key.startsWith(':') ? (await channelEmotes()).get(key) : undefined;
  return mxc === undefined ? key : emotePicture(key, mxc);
}

/** Reactions of all viewers float up, a few of them. */
async function rise(sky: PageElement, key: string, n: number): Promise<void> {
  for (let each = 0; each < Math.min(n, MAX_RISING) && sky.childElementCount < MAX_IN_SKY; each++) {
    const one = make('span', 'rising', await picture(key));
    one.style.setProperty('--x', `${Math.round(Math.random() * 80)}%`);
    one.style.setProperty('--wait', `${Math.round(Math.random() * 400)}ms`);
    one.addEventListener('animationend', () => one.remove());
    // Where nothing moves, nothing ends.
    setTimeout(() => one.remove(), 3000);
    sky.append(one);
  }
}
