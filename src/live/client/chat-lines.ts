/** The lines of a chat on a page. Whatever people wrote is text, never markup. */
import type { LiveChannel } from './live-channel.ts';
import type { LiveBadge, LiveMessage, LiveNotice } from './live-events.ts';
import { emotePicture, make, type PageElement, page } from './page-elements.ts';

/** Signs of the badges that every server has. */
const SIGNS = new Map(
  [
    ...([
      ['streamer', '●', 'Streamer'],
      ['moderator', '⚔', 'Moderator'],
      ['vip', '◆', 'VIP'],
      ['sub', '★', 'Subscriber'],
    ] as const),
    ...([
      ['partner', '✓', 'Partner'],
      ['creator', '✎', 'Creator'],
      ['supporter', '♥', 'Supporter'],
      ['bot', '⚙', 'Bot'],
    ] as const),
  ].map(([id, sign, name]) => [id as string, { sign, name }]),
);

export interface LinesOptions {
  readonly list: PageElement;
  /** Lines that are kept; asked whenever there is one more. */
  max(): number;
  /** Told before and after so many lines are added, to keep the last in view. */
  around(lines: number, change: () => void): void;
  /** Milliseconds after which a line fades; 0: never. */
  readonly fadeMs: number;
  /** Milliseconds for which deletions may still come before a line is shown. */
  readonly delayMs: number;
  /** Which messages are shown; undefined: all. */
  isShown?(message: LiveMessage): boolean;
}

interface Line {
  readonly line: PageElement;
  /** As it is by now. */
  message: LiveMessage;
  readonly text: PageElement;
  /** What is answered, in a few words. */
  readonly quote: PageElement | undefined;
}

/** A page that nobody sees draws nothing. */
const UNSEEN_MS = 250;
const QUOTED = 80;

export class ChatLines {
  readonly #options: LinesOptions;
  readonly #lines = new Map<string, Line>();
  /** Those that are not drawn yet: a busy chat is drawn once for all that comes between two pictures. */
  #fresh: Line[] = [];
  /** Messages that deletions may still reach before they are shown. */
  readonly #waiting = new Map<string, LiveMessage>();

  constructor(channel: LiveChannel, options: LinesOptions) {
    this.#options = options;
    channel.on('snapshot', ({ messages }) => {
      this.#clear();
      for (const message of messages) this.#show(message);
    });
    channel.on('message', (message) => this.#add(message));
    channel.on('notice', (notice) => this.#add(notice));
    channel.on('edit', (edit) => {
      const known = this.#lines.get(edit.id);
      if (!known) return;
      known.message = { ...known.message, tx: edit.tx, em: edit.em ?? [] };
      known.text.replaceChildren(...partsOf(known.message));
      this.#unquote(edit.id);
    });
    channel.on('delete', ({ id }) => this.#takeOut(id));
    channel.on('clearAll', () => this.#clear());
    channel.on('clearUser', ({ u }) => {
      for (const [id, message] of this.#waiting) if (message.u === u) this.#waiting.delete(id);
      for (const [id, { message }] of [...this.#lines]) if (message.u === u) this.#takeOut(id);
    });
  }

  /** The message of an event, if it is shown. */
  message(eventId: string): LiveMessage | undefined {
    const name = [...this.#lines.keys()].find((id) => eventId.startsWith(id));
    return name === undefined ? undefined : this.#lines.get(name)?.message;
  }

  /** Shows a message that others do not see live to the one who wrote it. */
  own(id: string, tx: string): void {
    this.#show({ s: 0, id, u: '', n: 'You', tx });
  }

  /** Shows moderators a message that viewers do not see live. */
  unseen(message: LiveMessage): void {
    this.#show(message);
    this.mark(message.id, 'unseen');
  }

  /** Takes a line out that is not so any more. */
  drop(id: string): void {
    this.#takeOut(id);
  }

  /** Makes a line another kind of line, if it is shown. */
  mark(eventId: string, className: string): void {
    const id = this.message(eventId)?.id ?? '';
    this.#lines.get(id)?.line.classList.add(className);
  }

  #add(message: LiveMessage): void {
    const { delayMs } = this.#options;
    if (delayMs === 0) {
      this.#show(message);
      return;
    }
    this.#waiting.set(message.id, message);
    setTimeout(() => {
      if (this.#waiting.delete(message.id)) this.#show(message);
    }, delayMs);
  }

  #show(message: LiveMessage | LiveNotice): void {
    const { fadeMs, isShown, max } = this.#options;
    const { id } = message;
    if (this.#lines.has(id) || isShown?.(message) === false) return;
    const quote = this.#quoteOf(message);
    const text = make('span', 'text', ...partsOf(message));
    text.setAttribute('dir', 'auto');
    const shown = { line: lineOf(message, text, quote), message, text, quote };
    this.#lines.set(id, shown);
    const most = max();
    while (this.#lines.size > most) this.#remove(this.#lines.keys().next().value ?? '');
    if (this.#fresh.length > 2 * most) this.#fresh = this.#fresh.filter((each) => this.#isKept(each));
    this.#fresh.push(shown);
    if (this.#fresh.length === 1) this.#plan();
    if (fadeMs > 0) {
      setTimeout(() => shown.line.classList.add('faded'), fadeMs);
      setTimeout(() => this.#isKept(shown) && this.#remove(id), fadeMs + 1000);
    }
  }

  #plan(): void {
    const draw = () => this.#draw();
    if (page.document.hidden) setTimeout(draw, UNSEEN_MS);
    else page.requestAnimationFrame(draw);
  }

  #draw(): void {
    const kept = this.#fresh.filter((each) => this.#isKept(each)).map(({ line }) => line);
    this.#fresh = [];
    if (kept.length > 0) this.#options.around(kept.length, () => this.#options.list.append(...kept));
  }

  #isKept(shown: Line): boolean {
    return this.#lines.get(shown.message.id) === shown;
  }

  #quoteOf({ re = '' }: LiveMessage): PageElement | undefined {
    const answered = this.#lines.get(re)?.message;
    if (!answered) return undefined;
    const name = make('bdi', '', answered.n);
    const characters = [...answered.tx];
    const words = characters.slice(0, QUOTED).join('');
    return make('span', 'quote', '↳ ', name, ': ', make('bdi', '', words, characters.length > QUOTED ? '…' : ''));
  }

  /** What was taken out is not quoted either. */
  #unquote(id: string): void {
    for (const { message, quote } of this.#lines.values()) if (message.re === id) quote?.remove();
  }

  #takeOut(id: string): void {
    this.#waiting.delete(id);
    this.#remove(id);
    this.#unquote(id);
  }

  #remove(id: string): void {
    this.#lines.get(id)?.line.remove();
    this.#lines.delete(id);
  }

  #clear(): void {
    this.#waiting.clear();
    for (const id of [...this.#lines.keys()]) this.#remove(id);
  }
}

function lineOf(message: LiveMessage | LiveNotice, text: PageElement, quote: PageElement | undefined): PageElement {
  const { n, u, b = [], me, f } = message;
  const notice = 'nt' in message && message.nt !== undefined ? message.nt : undefined;
  const name = make('b', 'name', n);
  name.title = u;
  name.setAttribute('dir', 'auto');
  const [hue, saturation] = hueOf(message);
  name.style.setProperty('--hue', String(hue));
  name.style.setProperty('--saturation', `${saturation}%`);
  const kind = notice ? ' notice' : me ? ' action' : f ? ' first' : '';
  const badges = b.map(badgeOf);
  const colon = make('span', 'colon', me ? ' ' : ': ');
  const line = make('li', `line${kind}`, ...(quote ? [quote] : []), ...badges, name, colon, text);
  line.dataset['id'] = message.id;
  line.setAttribute('tabindex', '-1');
  if (notice) {
    line.dataset['kind'] = notice.kind ?? 'notice';
    line.dataset['color'] = notice.color ?? '';
  }
  return line;
}

/** The text with its emotes as pictures: their places count code points. */
export function partsOf({ tx, em = [] }: LiveMessage): (PageElement | string)[] {
  if (em.length === 0) return [tx];
  const characters = [...tx];
  const parts: (PageElement | string)[] = [];
  let end = 0;
  for (const { s, e, mxc } of em) {
    if (s < end || e <= s) continue;
    parts.push(characters.slice(end, s).join(''), emotePicture(characters.slice(s, e).join(''), mxc));
    end = e;
  }
  return [...parts, characters.slice(end).join('')];
}

function badgeOf([id, months]: LiveBadge): PageElement {
  const known = SIGNS.get(id);
  const badge = make('span', `badge ${known ? id : 'other'}`, known?.sign ?? [...id][0] ?? '');
  badge.title = `${known?.name ?? id}${id === 'sub' && months !== '1' ? `, ${months} months` : ''}`;
  badge.setAttribute('role', 'img');
  badge.setAttribute('aria-label', badge.title);
  return badge;
}

/** Hue and saturation of a name: those that its owner chose, or any that stay; the page chooses how light it is. */
function hueOf({ c, u }: LiveMessage): [hue: number, saturation: number] {
  const chosen = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(c ?? '');
  if (!chosen) {
    let sum = 0;
    for (const character of u) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) % 3600;
    return [sum / 10, 70];
  }
  const [red = 0, green = 0, blue = 0] = chosen.slice(1).map((part) => Number.parseInt(part, 16) / 255);
  const most = Math.max(red, green, blue);
  const range = most - Math.min(red, green, blue);
  if (range === 0) return [0, 0];
  const sixth =
    most === red ? (green - blue) / range : most === green ? 2 + (blue - red) / range : 4 + (red - green) / range;
  return [(sixth * 60 + 360) % 360, 75];
}
