/** The lines of a chat on a page. Whatever people wrote is text, never markup. */
import type { LiveChannel } from './live-channel.ts';
import type { LiveBadge, LiveMessage, LiveNotice } from './live-events.ts';
import { emotePicture, make, type PageElement } from './page-elements.ts';

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
  readonly max: number;
  /** Told before and after lines are added, to keep the last in view. */
  around(change: () => void): void;
  /** Milliseconds after which a line fades; 0: never. */
  readonly fadeMs: number;
  /** Milliseconds for which deletions may still come before a line is shown. */
  readonly delayMs: number;
  /** Which messages are shown; undefined: all. */
  isShown?(message: LiveMessage): boolean;
}

export class ChatLines {
  readonly #options: LinesOptions;
  readonly #lines = new Map<
    string,
    { readonly line: PageElement; readonly message: LiveMessage; readonly text: PageElement }
  >();

  constructor(channel: LiveChannel, options: LinesOptions) {
    this.#options = options;
    channel.on('snapshot', ({ messages }) => {
      this.#clear();
      for (const message of messages) this.#show(message);
    });
    channel.on('message', (message) => this.#add(message));
    channel.on('notice', (notice) => this.#add(notice));
    channel.on('edit', ({ id, tx }) => {
      const known = this.#lines.get(id);
      if (known) known.text.textContent = tx;
    });
    channel.on('delete', ({ id }) => this.#remove(id));
    channel.on('clearAll', () => this.#clear());
    channel.on('clearUser', ({ u }) => {
      for (const [id, { message }] of [...this.#lines]) if (message.u === u) this.#remove(id);
    });
  }

  /** The message of an event, if it is shown. */
  message(eventId: string): LiveMessage | undefined {
    const name = [...this.#lines.keys()].find((id) => eventId.startsWith(id));
    return name === undefined ? undefined : this.#lines.get(name)?.message;
  }

  readonly #waiting = new Set<string>();

  #add(message: LiveMessage): void {
    const { delayMs } = this.#options;
    if (delayMs === 0) {
      this.#show(message);
      return;
    }
    this.#waiting.add(message.id);
    setTimeout(() => {
      if (this.#waiting.delete(message.id)) this.#show(message);
    }, delayMs);
  }

  #show(message: LiveMessage | LiveNotice): void {
    const { list, max, around, fadeMs } = this.#options;
    const { id } = message;
    if (this.#lines.has(id) || this.#options.isShown?.(message) === false) return;
    const text = make('span', 'text', ...partsOf(message));
    const line = lineOf(message, text);
    this.#lines.set(id, { line, message, text });
    around(() => {
      list.append(line);
      while (this.#lines.size > max) this.#remove([...this.#lines.keys()][0] ?? '');
    });
    if (fadeMs > 0) {
      setTimeout(() => line.classList.add('faded'), fadeMs);
      setTimeout(() => this.#remove(id), fadeMs + 1000);
    }
  }

  #remove(id: string): void {
    this.#waiting.delete(id);
    this.#lines.get(id)?.line.remove();
    this.#lines.delete(id);
  }

  #clear(): void {
    this.#waiting.clear();
    for (const id of [...this.#lines.keys()]) this.#remove(id);
  }
}

function lineOf(message: LiveMessage | LiveNotice, text: PageElement): PageElement {
  const { n, u, b = [], me, f } = message;
  const notice = 'nt' in message && message.nt !== undefined ? message.nt : undefined;
  const name = make('b', 'name', n);
  name.title = u;
  const [hue, saturation] = hueOf(message);
  name.style.setProperty('--hue', String(hue));
  name.style.setProperty('--saturation', `${saturation}%`);
  const kind = notice ? ' notice' : me ? ' action' : f ? ' first' : '';
  const line = make('li', `line${kind}`, ...b.map(badgeOf), name, make('span', 'colon', me ? ' ' : ': '), text);
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
