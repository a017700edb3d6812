/** What a browser shows after all redirects. */
export interface Shown {
  /** Where it is: of an app, if it was sent to one. */
  readonly url: string;
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

interface Cookie {
  readonly value: string;
  readonly path: string;
}

const MOST_REDIRECTS = 20;

/** As much of a browser as it takes to log in on pages: cookies, redirects, links and forms. */
export class TestBrowser {
  readonly #hosts: ReadonlyMap<string, () => string>;
  readonly #cookies = new Map<string, Map<string, Cookie>>();

  /** @param hosts where the origins are that have other names in the test, and that there are: all else is an app or website */
  constructor(hosts: ReadonlyMap<string, () => string>) {
    this.#hosts = hosts;
  }

  /** Goes to an address and on to where that sends it, until there is a page, or an address that is not of the test. */
  async open(address: string, form?: Readonly<Record<string, string>>): Promise<Shown> {
    let url = new URL(address);
    let body = form === undefined ? undefined : new URLSearchParams(form);
    for (let count = 0; count < MOST_REDIRECTS; count += 1) {
      const real = this.#hosts.get(url.origin)?.();
      if (real === undefined) return { url: url.href, status: 0, headers: new Headers(), body: '' };
      const response = await fetch(real + url.pathname + url.search, {
        redirect: 'manual',
        headers: { cookie: this.#sent(url) },
        ...(body === undefined ? {} : { method: 'POST', body }),
      });
      this.#keep(url, response.headers.getSetCookie());
      const text = await response.text();
      const location = response.headers.get('location');
      if (location === null) return { url: url.href, status: response.status, headers: response.headers, body: text };
      url = new URL(location, url);
      body = undefined;
    }
    throw new Error(`too many redirects at ${url.href}`);
  }

  /** Fills in and sends the form of a page. */
  submit(shown: Shown, fields: Readonly<Record<string, string>>): Promise<Shown> {
    const action = attribute(/<form [^>]*action="([^"]*)"/, shown);
    return this.open(new URL(action, shown.url).href, fields);
  }

  /** Follows the link of a page whose text has `text` in it. */
  follow(shown: Shown, text: string): Promise<Shown> {
    const link = [...shown.body.matchAll(/<a [^>]*href="([^"]*)"[^>]*>(.*?)<\/a>/g)].find(([, , inner]) =>
      inner?.includes(text),
    );
    if (link === undefined) throw new Error(`no link with ${text} in ${shown.body}`);
    return this.open(new URL(decoded(link[1] ?? ''), shown.url).href);
  }

  /** Forgets everything. */
  forget(): void {
    this.#cookies.clear();
  }

  #sent(url: URL): string {
    const known = [...(this.#cookies.get(url.host) ?? [])].filter(([, { path }]) => url.pathname.startsWith(path));
    return known.map(([name, { value }]) => `${name}=${value}`).join('; ');
  }

  #keep(url: URL, headers: readonly string[]): void {
    const known = this.#cookies.get(url.host) ?? new Map<string, Cookie>();
    this.#cookies.set(url.host, known);
    for (const header of headers) {
      const [pair = '', ...attributes] = header.split(/; */);
      const mark = pair.indexOf('=');
      const path = attributes.find((text) => /^path=/i.test(text))?.slice(5) ?? '/';
      const isOver = attributes.some((text) => /^max-age=0$/i.test(text) || /^expires=.* 1970 /i.test(text));
      if (isOver) known.delete(pair.slice(0, mark));
      else known.set(pair.slice(0, mark), { value: pair.slice(mark + 1), path });
    }
  }
}

function attribute(pattern: RegExp, { body }: Shown): string {
  const found = pattern.exec(body)?.[1];
  if (found === undefined) throw new Error(`nothing like ${pattern} in ${body}`);
  return decoded(found);
}

function decoded(html: string): string {
  return html.replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)));
}
