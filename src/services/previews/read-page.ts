import { Parser } from 'htmlparser2';

/** What a page says of itself. */
export interface PageFacts {
  /** `<meta property>` and `<meta name>`, by names in small letters; of a repeated one the first. */
  readonly properties: ReadonlyMap<string, string>;
  readonly title: string;
  /** The first heading. */
  readonly heading: string;
  /** The beginning of its paragraphs. */
  readonly text: string;
  /** What addresses in it start from. */
  readonly base: string | undefined;
  /** Where more is told of it, as JSON. Source: https://oembed.com/#section4 */
  readonly oEmbed: string | undefined;
  /** The picture that stands for it, else its icon. */
  readonly image: string | undefined;
}

const MAX_PROPERTIES = 100;
const MAX_VALUE = 4_000;
const MAX_TEXT = 1_000;
/** What is in these is not what the page is about. */
const ASIDE: ReadonlySet<string> = new Set([
  ...['script', 'style', 'noscript', 'template', 'svg', 'iframe', 'object', 'select', 'button', 'form'],
  ...['nav', 'header', 'footer', 'aside', 'figure', 'dialog'],
]);
const HEADINGS: ReadonlySet<string> = new Set(['h1', 'h2', 'h3']);

/** Gathers facts while the page is parsed: no tree is built, so that memory does not grow with it. */
class FactGatherer {
  readonly properties = new Map<string, string>();
  readonly texts = { title: '', heading: '', text: '' };
  base: string | undefined;
  oEmbed: string | undefined;
  image: string | undefined;
  icon: string | undefined;
  #into: 'title' | 'heading' | 'text' | undefined;
  #inside: string | undefined;
  #aside = 0;

  open(name: string, attributes: Readonly<Record<string, string>>): void {
    if (ASIDE.has(name)) this.#aside += 1;
    else if (name === 'meta') this.#meta(attributes);
    else if (name === 'link') this.#link(attributes);
    else if (name === 'base') this.base ??= attributes['href'];
    else if (this.#into === undefined) this.#begin(name);
  }

  text(text: string): void {
    if (this.#into === undefined || this.#aside > 0) return;
    const known = this.texts[this.#into];
    if (known.length < MAX_TEXT) this.texts[this.#into] = known + text;
  }

  close(name: string): void {
    if (ASIDE.has(name)) this.#aside = Math.max(0, this.#aside - 1);
    if (name !== this.#inside) return;
    if (this.#into === 'text') this.texts.text += ' ';
    this.#into = undefined;
    this.#inside = undefined;
  }

  #begin(name: string): void {
    const into =
      name === 'title' && this.texts.title === ''
        ? 'title'
        : HEADINGS.has(name) && this.texts.heading === ''
          ? 'heading'
          : name === 'p'
            ? 'text'
            : undefined;
    if (into === undefined || this.#aside > 0) return;
    this.#into = into;
    this.#inside = name;
  }

  #meta({ property, name, content }: Readonly<Record<string, string>>): void {
    const key = (property ?? name)?.trim().toLowerCase();
    if (key === undefined || content === undefined || content.length > MAX_VALUE) return;
    if (this.properties.size < MAX_PROPERTIES && !this.properties.has(key)) this.properties.set(key, content.trim());
  }

  #link({ rel = '', type, href }: Readonly<Record<string, string>>): void {
    if (href === undefined || href.length > MAX_VALUE) return;
    const relations = rel.toLowerCase().split(/\s+/);
    if (type?.toLowerCase() === 'application/json+oembed') this.oEmbed ??= href;
    if (relations.includes('image_src')) this.image ??= href;
    else if (relations.includes('apple-touch-icon') || relations.includes('icon')) this.icon ??= href;
  }
}

export function readPage(html: string): PageFacts {
  const facts = new FactGatherer();
  const parser = new Parser({
    onopentag: (name, attributes) => facts.open(name, attributes),
    ontext: (text) => facts.text(text),
    onclosetag: (name) => facts.close(name),
  });
  parser.end(html);
  const { title, heading, text } = facts.texts;
  return {
    properties: facts.properties,
    title: plain(title),
    heading: plain(heading),
    text: plain(text),
    base: facts.base,
    oEmbed: facts.oEmbed,
    image: facts.image ?? facts.icon,
  };
}

/** In one line. */
export function plain(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
