/** A list that follows what comes, until its reader scrolls back; then it says how much has come. */
import { type PageElement, page } from './page-elements.ts';

/** Pixels. */
const NEAR_END = 60;
const SPEAKS_MS = 10_000;
/** So many lines within {@link SPEAKS_MS} are read out; more would be all that is heard. */
const READ_OUT = 12;

export class ScrollBack {
  readonly #list: PageElement;
  readonly #more: PageElement;
  #follows = true;
  #missed = 0;
  #recent = 0;

  constructor(list: PageElement, more: PageElement) {
    this.#list = list;
    this.#more = more;
    list.addEventListener('scroll', () => this.#look());
    more.addEventListener('click', () => this.toEnd());
    // A keyboard on the screen, or another frame, leaves the end where it is read.
    page.addEventListener('resize', () => this.#follows && this.toEnd());
    setInterval(() => {
      list.setAttribute('aria-live', this.#recent > READ_OUT ? 'off' : 'polite');
      this.#recent = 0;
    }, SPEAKS_MS);
  }

  get follows(): boolean {
    return this.#follows;
  }

  /** Adds so many lines by `change`. */
  add(lines: number, change: () => void): void {
    this.#recent += lines;
    if (this.#recent > READ_OUT) this.#list.setAttribute('aria-live', 'off');
    change();
    if (this.#follows) this.#list.scrollTop = this.#list.scrollHeight;
    else this.#miss(lines);
  }

  toEnd(): void {
    this.#list.scrollTop = this.#list.scrollHeight;
    this.#look();
  }

  #look(): void {
    const { scrollTop, clientHeight, scrollHeight } = this.#list;
    this.#follows = scrollTop + clientHeight >= scrollHeight - NEAR_END;
    if (!this.#follows) return;
    this.#missed = 0;
    this.#more.hidden = true;
  }

  #miss(lines: number): void {
    this.#missed += lines;
    const count = this.#missed > 99 ? '99+' : String(this.#missed);
    this.#more.textContent = `${count} new ${this.#missed === 1 ? 'message' : 'messages'} ↓`;
    this.#more.hidden = false;
  }
}
