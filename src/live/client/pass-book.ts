/** As whom somebody is known by HTTP: by the access token, or by a pass for each channel, which is renewed in time. */
import type { Credentials } from './credentials.ts';
import type { Fields } from './live-events.ts';

interface Pass {
  readonly text: string;
  /** By `performance.now()`. */
  readonly renewAt: number;
}

/** Shows a ticket, a resume secret or a pass for a new pass; rejects where there is no network. */
type Exchange = (channel: string, shown: Fields) => Promise<Response>;

export class PassBook {
  readonly #credentials: Credentials;
  readonly #exchange: Exchange;
  readonly #passes = new Map<string, Pass>();
  /** What is shown is good once: one after the other. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(credentials: Credentials, exchange: Exchange) {
    this.#credentials = credentials;
    this.#exchange = exchange;
  }

  /** For the header `Authorization`; undefined for nobody. */
  async header(channel: string): Promise<string | undefined> {
    const token = await this.#credentials.token();
    if (token !== undefined) return `Bearer ${token}`;
    const pass = this.#passes.get(channel);
    return pass && `Live ${pass.text}`;
  }

  /** Gets a pass where one can be had and is needed, or soon will be. */
  enter(channel: string): Promise<void> {
    const next = this.#last.then(() => this.#enter(channel));
    this.#last = next.catch(() => undefined);
    return next;
  }

  /** What a header said is not good any more. */
  refused(channel: string, header: string): void {
    if (header.startsWith('Bearer ')) this.#credentials.refused = header.slice(7);
    else if (this.#passes.get(channel)?.text === header.slice(5)) this.#passes.delete(channel);
  }

  forget(): void {
    this.#passes.clear();
  }

  async #enter(channel: string): Promise<void> {
    if ((await this.#credentials.token()) !== undefined) return;
    const pass = this.#passes.get(channel);
    if (pass && performance.now() < pass.renewAt) return;
    if (pass && (await this.#show(channel, { pass: pass.text }))) return;
    this.#passes.delete(channel);
    // A ticket or secret that is too old, and then whatever else there is.
    for (let tries = 0; tries < 2; tries++) {
      const shown = await this.#credentials.greeting();
      if (!(shown['ticket'] ?? shown['resume']) || (await this.#show(channel, shown))) return;
    }
  }

  /** Whether it was taken. */
  async #show(channel: string, shown: Fields): Promise<boolean> {
    const credentials = this.#credentials;
    const answer = await this.#exchange(channel, shown);
    if (answer.status >= 500 || answer.status === 429) throw new Error(`There is no pass: ${answer.status}`);
    if (shown['ticket'] === credentials.ticket) credentials.ticket = undefined;
    if (shown['resume'] === credentials.secret) credentials.secret = undefined;
    if (!answer.ok) return false;
    const { pass, expires_in_ms, resume } = (await answer.json()) as Fields;
    credentials.secret = resume;
    this.#passes.set(channel, { text: String(pass), renewAt: performance.now() + Number(expires_in_ms) / 2 });
    return true;
  }
}
