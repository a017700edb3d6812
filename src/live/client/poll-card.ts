/** The poll of a channel on a page: its answers as bars that grow, and to vote by where somebody may. */
import type { LiveChannel } from './live-channel.ts';
import { LiveError } from './live-error.ts';
import type { Fields } from './live-events.ts';
import { make, type PageElement } from './page-elements.ts';

export interface PollCardOptions {
  readonly at: PageElement;
  /** Votes for an answer; undefined: the poll is only shown. */
  readonly vote?: (poll: string, answer: number) => Promise<void>;
  /** Why nobody can vote here now. */
  readonly whyNot?: () => string;
}

interface Answer {
  readonly element: PageElement;
  readonly share: PageElement;
}

interface Shown {
  readonly id: string;
  readonly endsAt: number | undefined;
  readonly answers: readonly Answer[];
  readonly note: PageElement;
  counts: readonly number[];
  mine: number | undefined;
  isOver: boolean;
}

const SECOND = 1000;
/** For how long it can be seen how a poll came out. */
const RESULT_MS = 20_000;

export class PollCard {
  readonly #channel: LiveChannel;
  readonly #options: PollCardOptions;
  #shown: Shown | undefined;
  #problem = '';

  constructor(channel: LiveChannel, options: PollCardOptions) {
    this.#channel = channel;
    this.#options = options;
    channel.on('snapshot', ({ facts }) => {
      const [poll] = (facts['polls'] ?? []) as Fields[];
      if (poll) this.#begin(poll);
      else if (this.#shown?.isOver !== true) this.#hide();
    });
    channel.on('pollStart', (poll) => this.#begin(poll));
    channel.on('counts', ({ pl = {} }) => {
      const counts = this.#shown && !this.#shown.isOver ? pl[this.#shown.id] : undefined;
      if (counts) this.#count(counts);
    });
    channel.on('pollEnd', ({ poll, counts }) => this.#end(String(poll), counts as readonly number[] | undefined));
    setInterval(() => this.#note(), SECOND);
  }

  /** Says anew who may vote. */
  refresh(): void {
    this.#note();
  }

  #begin({ id, question, answers, ends_at, counts }: Fields): void {
    if (!Array.isArray(answers)) return;
    const isSame = this.#shown?.id === id;
    if (!isSame) this.#draw(String(id), String(question), answers.map(String), ends_at as number | undefined);
    this.#count((counts as readonly number[] | undefined) ?? answers.map(() => 0));
  }

  #draw(id: string, question: string, texts: readonly string[], endsAt: number | undefined): void {
    const { at, vote } = this.#options;
    this.#problem = '';
    const answers = texts.map((text, index) => {
      const share = make('span', 'share');
      const element = make(vote ? 'button' : 'div', 'answer', make('span', 'words', make('bdi', '', text)), share);
      if (vote) {
        element.setAttribute('type', 'button');
        element.setAttribute('aria-pressed', 'false');
        element.addEventListener('click', () => this.#vote(index));
      }
      return { element, share };
    });
    const note = make('p', 'poll-note');
    const list = make('div', 'answers', ...answers.map(({ element }) => element));
    list.setAttribute('role', 'group');
    list.setAttribute('aria-label', question);
    at.replaceChildren(make('h2', 'question', make('bdi', '', question)), list, note);
    at.hidden = false;
    at.classList.remove('over');
    this.#shown = { id, endsAt, answers, note, counts: [], mine: undefined, isOver: false };
  }

  #count(counts: readonly number[]): void {
    const shown = this.#shown;
    if (!shown) return;
    shown.counts = counts;
    const all = sum(counts);
    const most = Math.max(...counts);
    for (const [index, { element, share }] of shown.answers.entries()) {
      const count = counts[index] ?? 0;
      const percent = all === 0 ? 0 : Math.round((count / all) * 100);
      element.style.setProperty('--share', `${percent}%`);
      element.classList.toggle('leads', count > 0 && count === most);
      share.textContent = `${percent} %`;
    }
    this.#note();
  }

  #vote(answer: number): void {
    const shown = this.#shown;
    if (!shown || shown.isOver) return;
    this.#options.vote?.(shown.id, answer).then(
      () => {
        this.#problem = '';
        shown.mine = answer;
        for (const [index, { element }] of shown.answers.entries()) {
          element.setAttribute('aria-pressed', String(index === answer));
        }
        this.#note();
      },
      (error: unknown) => {
        this.#problem = error instanceof LiveError ? error.message : 'That did not work';
        this.#note();
      },
    );
  }

  #end(id: string, counts: readonly number[] | undefined): void {
    const shown = this.#shown;
    if (shown?.id !== id) return;
    shown.isOver = true;
    this.#count(counts ?? shown.counts);
    for (const { element } of shown.answers) element.disabled = true;
    this.#options.at.classList.add('over');
    setTimeout(() => {
      if (this.#shown === shown) this.#hide();
    }, RESULT_MS);
  }

  #hide(): void {
    this.#shown = undefined;
    this.#options.at.hidden = true;
    this.#options.at.classList.remove('over');
    this.#options.at.replaceChildren();
  }

  #note(): void {
    const shown = this.#shown;
    if (!shown) return;
    const votes = sum(shown.counts);
    const words = [votes === 1 ? '1 vote' : `${votes} votes`];
    const left =
      shown.endsAt === undefined ? Number.NaN : Math.ceil((shown.endsAt - this.#channel.serverTime) / SECOND);
    if (shown.isOver) words.push('final result');
    else if (Number.isFinite(left) && left > 0) words.push(`${timeOf(left)} left`);
    const why = shown.isOver ? '' : this.#options.whyNot?.();
    for (const { element } of shown.answers) element.disabled = shown.isOver || (why !== undefined && why !== '');
    const text = [words.join(' · '), this.#problem || why || ''].filter((part) => part !== '').join('. ');
    // What did not change is not read out again.
    if (shown.note.textContent !== text) shown.note.textContent = text;
  }
}

function sum(counts: readonly number[]): number {
  return counts.reduce((all, count) => all + count, 0);
}

function timeOf(seconds: number): string {
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}
