/** What may be done with a line of the chat: to answer and report it, and for moderators to take it out. */
import type { ChatLines } from './chat-lines.ts';
import type { LiveChannel } from './live-channel.ts';
import type { LiveMessage } from './live-events.ts';
import { make, makeButton, type PageElement, page } from './page-elements.ts';

export interface LineMenuOptions {
  readonly list: PageElement;
  readonly lines: ChatLines;
  /** Whether somebody reads who may do anything. */
  isSomebody(): boolean;
  isModerator(): boolean;
  answer(message: LiveMessage): void;
  say(words: string): void;
}

const TIMEOUT_S = 600;
const PIN_S = 1200;

export class LineMenu {
  readonly #channel: LiveChannel;
  readonly #options: LineMenuOptions;
  #open: { readonly line: PageElement; readonly menu: PageElement } | undefined;

  constructor(channel: LiveChannel, options: LineMenuOptions) {
    this.#channel = channel;
    this.#options = options;
    const { list } = options;
    list.addEventListener('click', ({ target }) => {
      const line = target?.closest('.line');
      if (!line || target?.closest('button, a')) return;
      if (this.#open?.line === line) this.close();
      else this.#show(line);
    });
    list.addEventListener('keydown', (event) => {
      if (this.#press(event.key ?? '')) event.preventDefault();
    });
  }

  close(): void {
    this.#open?.menu.remove();
    this.#open?.line.classList.remove('chosen');
    this.#open = undefined;
  }

  /** Lines are gone through by the arrows. Answers whether the key was for that. */
  #press(key: string): boolean {
    const { list } = this.#options;
    const focused = page.document.activeElement;
    const line = focused?.closest('.line') ?? undefined;
    if (key === 'Escape' && this.#open) {
      const { line: chosen } = this.#open;
      this.close();
      chosen.focus();
      return true;
    }
    if (!this.#options.isSomebody()) return false;
    if (key === 'ArrowUp' || key === 'ArrowDown') {
      const beside = key === 'ArrowUp' ? line?.previousElementSibling : line?.nextElementSibling;
      const next = line ? beside : list.lastElementChild;
      next?.focus();
      return next !== null && next !== undefined;
    }
    if (key !== 'Enter' || focused !== line || !line) return false;
    this.#show(line);
    this.#open?.menu.firstElementChild?.focus();
    return true;
  }

  #show(line: PageElement): void {
    this.close();
    const message = this.#options.lines.message(line.dataset['id'] ?? '');
    if (!message || message.u === '' || !this.#options.isSomebody()) return;
    const menu = make('div', 'menu', ...this.#actionsOn(message));
    menu.setAttribute('role', 'group');
    menu.setAttribute('aria-label', `The message of ${message.n}`);
    line.append(menu);
    line.classList.add('chosen');
    this.#open = { line, menu };
  }

  #actionsOn(message: LiveMessage): PageElement[] {
    const { id, u: user, n: name } = message;
    const answer = makeButton('act', 'Reply', `Reply to ${name}`, () => {
      this.close();
      this.#options.answer(message);
    });
    // No event yet: viewers see it when its delay is over.
    if (!id.startsWith('$')) return [this.#act('Take out', 'decide', { held: id, action: 'deny' }, '')];
    if (!this.#options.isModerator()) {
      return [answer, this.#act('Report', 'report', { event: id }, 'The moderators are told.')];
    }
    return [
      answer,
      this.#act('Delete', 'delete', { event: id }, ''),
      this.#act('Time out 10 min', 'timeout', { user, seconds: TIMEOUT_S }, `${name} is timed out.`),
      this.#act('Pin', 'pin', { event_id: id, seconds: PIN_S }, ''),
      this.#twice('Ban', `Ban ${name} for good?`, 'ban', { user }, `${name} is banned.`),
    ];
  }

  #act(text: string, action: string, args: object, done: string): PageElement {
    return makeButton('act', text, text, () => this.#do(action, args, done));
  }

  /** What cannot be undone here is asked about once. */
  #twice(text: string, question: string, action: string, args: object, done: string): PageElement {
    let isAsked = false;
    const button = makeButton('act grave', text, text, () => {
      if (isAsked) this.#do(action, args, done);
      isAsked = true;
      button.textContent = question;
    });
    return button;
  }

  #do(action: string, args: object, done: string): void {
    const { list, say } = this.#options;
    this.close();
    list.focus();
    this.#channel.moderate(action, { ...args }).then(
      () => say(done),
      (error: unknown) => say(error instanceof Error ? error.message : 'That did not work'),
    );
  }
}
