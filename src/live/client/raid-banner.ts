/** A raid on a page: where it goes and when, and going along, each viewer at another moment. */
import type { LiveChannel } from './live-channel.ts';
import { make, type PageElement } from './page-elements.ts';

export interface RaidBannerOptions {
  readonly at: PageElement;
  /** Goes along to a channel; undefined: the page stays. */
  readonly follow?: (channel: string, name: string) => void;
}

const SECOND = 1000;
/** For how long it is said where the raid has gone. */
const GONE_MS = 15_000;

interface Raid {
  readonly to: string;
  readonly name: string;
  readonly startsAt: number;
  readonly goesAt: number;
  readonly words: PageElement;
  stays: boolean;
}

export class RaidBanner {
  readonly #channel: LiveChannel;
  readonly #options: RaidBannerOptions;
  #raid: Raid | undefined;

  constructor(channel: LiveChannel, options: RaidBannerOptions) {
    this.#channel = channel;
    this.#options = options;
    channel.on('raid', ({ to, name, at, spread_ms }) => {
      if (typeof to !== 'string' || typeof at !== 'number') return this.#hide();
      const spread = typeof spread_ms === 'number' ? spread_ms : 0;
      this.#show(to, typeof name === 'string' ? name : to, at, at + Math.random() * spread);
    });
    setInterval(() => this.#tick(), SECOND / 2);
  }

  #show(to: string, name: string, startsAt: number, goesAt: number): void {
    const { at, follow } = this.#options;
    const words = make('span', 'words');
    at.replaceChildren(words);
    this.#raid = { to, name, startsAt, goesAt, words, stays: follow === undefined };
    if (follow) {
      const stay = make('button', 'stay', 'Stay here');
      stay.setAttribute('type', 'button');
      stay.addEventListener('click', () => {
        if (this.#raid) this.#raid.stays = true;
        stay.remove();
      });
      at.append(stay);
    }
    at.hidden = false;
    this.#tick();
  }

  #tick(): void {
    const raid = this.#raid;
    if (!raid) return;
    const now = this.#channel.serverTime;
    const left = Math.ceil((raid.startsAt - now) / SECOND);
    const words = left > 0 ? `Raid to ${raid.name} in ${left} s` : `The stream goes on at ${raid.name}`;
    if (raid.words.textContent !== words) raid.words.textContent = words;
    if (now >= raid.goesAt && !raid.stays) {
      raid.stays = true;
      this.#options.follow?.(raid.to, raid.name);
    }
    if (now > raid.startsAt + GONE_MS) this.#hide();
  }

  #hide(): void {
    this.#raid = undefined;
    this.#options.at.hidden = true;
    this.#options.at.replaceChildren();
  }
}
