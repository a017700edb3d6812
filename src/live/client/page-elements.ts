/**
 * The little of a browser that the pages use, in types of our own: those of the whole browser would be known everywhere
 * in the server, too.
 */
export interface PageElement {
  textContent: string | null;
  className: string;
  hidden: boolean;
  disabled: boolean;
  value: string;
  scrollTop: number;
  readonly scrollHeight: number;
  readonly clientHeight: number;
  readonly childElementCount: number;
  readonly firstElementChild: PageElement | null;
  readonly lastElementChild: PageElement | null;
  readonly previousElementSibling: PageElement | null;
  readonly nextElementSibling: PageElement | null;
  readonly parentElement: PageElement | null;
  readonly dataset: Record<string, string | undefined>;
  readonly style: { setProperty(name: string, value: string): void };
  readonly classList: { add(name: string): void; remove(name: string): void; toggle(name: string, on: boolean): void };
  title: string;
  append(...children: (PageElement | string)[]): void;
  replaceChildren(...children: (PageElement | string)[]): void;
  remove(): void;
  focus(): void;
  setAttribute(name: string, value: string): void;
  closest(selector: string): PageElement | null;
  addEventListener(name: string, listener: (event: PageEvent) => void): void;
}

export interface PageEvent {
  readonly target?: PageElement | null;
  readonly origin?: string;
  readonly source?: unknown;
  readonly data?: unknown;
  readonly key?: string;
  preventDefault(): void;
}

export interface PageWindow {
  readonly document: {
    readonly documentElement: PageElement;
    readonly activeElement: PageElement | null;
    readonly hidden: boolean;
    title: string;
    createElement(name: string): PageElement;
    getElementById(id: string): PageElement | null;
  };
  readonly location: {
    readonly href: string;
    readonly origin: string;
    readonly pathname: string;
    readonly search: string;
    readonly hash: string;
    assign(url: string): void;
  };
  /** The page that this one is framed by, or itself. */
  readonly parent: { postMessage(data: unknown, origin: string): void };
  readonly history: { replaceState(state: unknown, unused: string, url: string): void };
  readonly opener: { postMessage(data: unknown, origin: string): void } | null;
  addEventListener(name: string, listener: (event: PageEvent) => void): void;
  open(url: string, name: string, features: string): unknown;
  close(): void;
  requestAnimationFrame(fn: () => void): void;
}

export const page = globalThis as unknown as PageWindow;

/** The element with this id, which the page has. */
export function part(id: string): PageElement {
  const found = page.document.getElementById(id);
  if (!found) throw new Error(`the page has no #${id}`);
  return found;
}

/** An element with a class and texts or elements in it: never markup. */
export function make(name: string, className: string, ...children: (PageElement | string)[]): PageElement {
  const element = page.document.createElement(name);
  element.className = className;
  element.append(...children);
  return element;
}

/** A button that says what it does. */
export function makeButton(className: string, text: string, label: string, press: () => void): PageElement {
  const button = make('button', className, text);
  button.setAttribute('type', 'button');
  if (label !== text) button.setAttribute('aria-label', label);
  button.addEventListener('click', press);
  return button;
}

/** What the address says behind `?`: how the page is to look. */
export function wishes(): URLSearchParams {
  return new URLSearchParams(page.location.search);
}

/** A wish that is a number within bounds. */
export function wished(name: string, standard: number, min: number, max: number): number {
  const given = Number(wishes().get(name) ?? Number.NaN);
  return Number.isFinite(given) ? Math.min(max, Math.max(min, given)) : standard;
}

/** The address of the gateway of the server that this page is from. */
export function gatewayAddress(): string {
  const address = new URL('../gateway', page.location.href);
  return `${address.protocol === 'https:' ? 'wss:' : 'ws:'}//${address.host}${address.pathname}`;
}

/** The address of something of the channel on the server that this page is from. */
export function channelAddress(path: string): string {
  return new URL(`../channels/${encodeURIComponent(channelId())}${path}`, page.location.href).href;
}

/** The channel that the page shows. */
export function channelId(): string {
  return page.document.documentElement.dataset['channel'] ?? '';
}

/** The picture of an emote, from this server and no other; its word where it cannot be had. */
export function emotePicture(word: string, mxc: string): PageElement | string {
  const [, server, id] = /^mxc:\/\/([^/]+)\/([^/]+)$/.exec(mxc) ?? [];
  if (server === undefined || id === undefined) return word;
  const picture = make('img', 'emote');
  picture.setAttribute('alt', word);
  picture.title = word;
  picture.setAttribute('src', channelAddress(`/media/${encodeURIComponent(server)}/${encodeURIComponent(id)}`));
  return picture;
}

/** Calls `fn` at a time by `now`, which need not be the clock of this machine; the answer calls it off. */
export function at(time: number, now: number, fn: () => void): () => void {
  const timer = setTimeout(fn, Math.min(Math.max(0, time - now), LONGEST_TIMER));
  return () => clearTimeout(timer);
}

const LONGEST_TIMER = 2 ** 31 - 1;

/** A time as people say it, of whole seconds. */
export function timeLeft(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')} min`;
  return seconds < 172_800 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86_400)} days`;
}
