/** The pinned message of a channel on a page, until it runs out, is taken out, or whoever reads it has seen enough. */
import { type ChatLines, partsOf } from './chat-lines.ts';
import { type LiveChannel, numbered } from './live-channel.ts';
import type { Fields, LiveMessage } from './live-events.ts';
import { at, channelAddress, make, type PageElement } from './page-elements.ts';

/** Those who do not know the message ask for it, each at another moment. */
const SPREAD_MS = 2000;
/** Where so many ask from one address that the server takes no more for now. */
const TOO_MANY = 429;
const AGAIN_MS = 5000;

export class PinCard {
  readonly #channel: LiveChannel;
  readonly #lines: ChatLines;
  readonly #card: PageElement;
  #id: string | undefined;
  #user = '';
  #closed = '';
  #callOff: () => void = () => undefined;

  constructor(channel: LiveChannel, lines: ChatLines, card: PageElement) {
    this.#channel = channel;
    this.#lines = lines;
    this.#card = card;
    channel.on('snapshot', ({ facts }) => this.#pinned(facts['pin']));
    channel.on('pin', ({ content }) => this.#pinned(content));
    channel.on('delete', ({ id }) => this.#isPinned(id) && this.#hide());
    channel.on('clearUser', ({ u }) => u === this.#user && this.#hide());
  }

  #pinned(content: unknown): void {
    const { event_id: id, until } = (content ?? {}) as Fields;
    if (typeof id !== 'string') {
      this.#hide();
      return;
    }
    if (id === this.#id || id === this.#closed) return;
    this.#hide();
    this.#id = id;
    if (typeof until === 'number') this.#callOff = at(until, this.#channel.serverTime, () => this.#hide());
    const known = this.#lines.message(id);
    if (known) this.#show(known);
    else setTimeout(() => void this.#fetch(id), Math.random() * SPREAD_MS);
  }

  async #fetch(id: string): Promise<void> {
    const answer = await fetch(channelAddress('/pin'), { credentials: 'omit' }).catch(() => undefined);
    if (answer?.status === TOO_MANY) {
      const again = () => this.#id === id && void this.#fetch(id);
      setTimeout(again, AGAIN_MS * (1 + Math.random()));
      return;
    }
    const { message: told } = answer?.ok ? ((await answer.json()) as { message?: Fields }) : {};
    const [message] = numbered(told === undefined ? [] : [told]) as unknown as readonly LiveMessage[];
    // Something else may be pinned by now.
    if (message && this.#id === id && this.#isPinned(message.id)) this.#show(message);
  }

  /** Messages are named by the beginnings of their events' ids. */
  #isPinned(name: string): boolean {
    return this.#id?.startsWith(name) === true;
  }

  #show(message: LiveMessage): void {
    const close = make('button', 'close', '×');
    close.setAttribute('type', 'button');
    close.setAttribute('aria-label', 'Hide the pinned message');
    close.addEventListener('click', () => {
      this.#closed = this.#id ?? '';
      this.#hide();
    });
    this.#user = message.u;
    const text = make(
      'p',
      'pinned',
      make('b', 'by', make('bdi', '', message.n)),
      ' ',
      make('bdi', '', ...partsOf(message)),
    );
    this.#card.replaceChildren(text, close);
    this.#card.hidden = false;
  }

  #hide(): void {
    this.#callOff();
    this.#id = undefined;
    this.#user = '';
    this.#card.hidden = true;
    this.#card.replaceChildren();
  }
}
