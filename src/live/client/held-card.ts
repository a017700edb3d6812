/** Messages that wait for a moderator, on the page of one: the first of them, to let it in or not. */
import type { LiveChannel } from './live-channel.ts';
import type { Fields } from './live-events.ts';
import { make, makeButton, type PageElement } from './page-elements.ts';

interface Held {
  readonly hid: string;
  readonly user: string;
  readonly body: string;
}

/** Beyond, the oldest is left to other ways. */
const MAX_HELD = 100;

export class HeldCard {
  readonly #channel: LiveChannel;
  readonly #card: PageElement;
  readonly #say: (words: string) => void;
  readonly #held = new Map<string, Held>();

  constructor(channel: LiveChannel, card: PageElement, say: (words: string) => void) {
    this.#channel = channel;
    this.#card = card;
    this.#say = say;
    channel.on('lane', (entry) => {
      if (entry['k'] !== 'held') return;
      this.#take(entry);
      this.#draw();
    });
  }

  /** Asks what waits already. */
  load(): void {
    this.#channel.moderate('held').then(
      ({ held }) => {
        for (const entry of held as Fields[]) this.#take(entry);
        this.#draw();
      },
      () => undefined,
    );
  }

  /** Whoever reads is no moderator any more. */
  clear(): void {
    this.#held.clear();
    this.#draw();
  }

  #take({ hid, state, user, body, ts, expires }: Fields): void {
    const id = String(hid);
    if (state !== 'pending') {
      this.#held.delete(id);
      return;
    }
    this.#held.set(id, { hid: id, user: String(user), body: String(body) });
    const [oldest] = this.#held.keys();
    if (this.#held.size > MAX_HELD && oldest !== undefined) this.#held.delete(oldest);
    setTimeout(
      () => {
        if (this.#held.delete(id)) this.#draw();
      },
      Math.max(0, Number(expires) - Math.max(Number(ts), this.#channel.serverTime)),
    );
  }

  #draw(): void {
    const [first] = this.#held.values();
    this.#card.hidden = first === undefined;
    // What is being read or pressed stays where it is.
    if (this.#card.dataset['hid'] === first?.hid && first) {
      this.#card.dataset['count'] = String(this.#held.size);
      return;
    }
    this.#card.dataset['hid'] = first?.hid;
    this.#card.dataset['count'] = String(this.#held.size);
    if (!first) {
      this.#card.replaceChildren();
      return;
    }
    const name = make('b', '', first.user.replace(/^@|:.*/g, ''));
    name.title = first.user;
    const words = make('p', 'words', name, ': ', make('bdi', '', first.body));
    const decide = (action: string) => () => this.#decide(first.hid, action);
    const buttons = make(
      'span',
      'decisions',
      makeButton('act', 'Allow', 'Allow', decide('allow')),
      makeButton('act grave', 'Deny', 'Deny', decide('deny')),
    );
    this.#card.replaceChildren(words, buttons);
  }

  #decide(hid: string, action: string): void {
    this.#held.delete(hid);
    this.#draw();
    this.#channel
      .moderate('decide', { held: hid, action })
      .catch((error: unknown) => this.#say(error instanceof Error ? error.message : 'That did not work'));
  }
}
