/** A gateway's way to the server: a link that is made anew whenever it was lost. */
import type { WebSocket } from 'ws';
import type { Clock } from '../../util/clock.ts';
import type { Random } from '../../util/random.ts';
import { Link, LinkError, type LinkLimits, type LinkServes } from './link.ts';
import type { GatewayNews, Questions, ServerNews } from './messages.ts';

export interface ServerLinkParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly limits: LinkLimits & {
    /** Milliseconds between two attempts, at most. */
    readonly retryMs: number;
  };
  /** Opens a connection. Rejects if that does not work. */
  dial(): Promise<WebSocket>;
  onFault(error: unknown): void;
  /** Told of each question. */
  onAsk(about: keyof Questions): void;
  /** The link is there, or not any more; `error` says why. */
  onChange(isUp: boolean, error?: unknown): void;
}

type Serves = LinkServes<Record<never, never>, ServerNews>['take'];

const FIRST_PAUSE_MS = 200;

export class ServerLink {
  readonly #parts: ServerLinkParts;
  #take: Serves | undefined;
  #onUp: () => void = () => undefined;
  #link: Link<Questions, GatewayNews, Record<never, never>, ServerNews> | undefined;
  #failures = 0;
  #isClosed = false;
  #wasUp = false;

  constructor(parts: ServerLinkParts) {
    this.#parts = parts;
  }

  get isUp(): boolean {
    return this.#link?.isOpen === true;
  }

  /** Whether it has been up. */
  get wasUp(): boolean {
    return this.#wasUp;
  }

  /** Begins. `onUp` is called each time that the link is there. */
  start(take: Serves, onUp: () => void): void {
    this.#take = take;
    this.#onUp = onUp;
    void this.#connect();
  }

  /** `atOnce` gets the answer before any news that come behind it. @throws LinkError, LinkFault */
  ask<K extends keyof Questions>(
    op: K,
    ask: Questions[K]['ask'],
    atOnce?: (answer: Questions[K]['answer']) => void,
  ): Promise<Questions[K]['answer']> {
    this.#parts.onAsk(op);
    return this.#link?.ask(op, ask, atOnce) ?? Promise.reject(new LinkError('there is no link to the server'));
  }

  tell<K extends keyof GatewayNews>(op: K, news: GatewayNews[K]): void {
    this.#link?.tell(op, news);
  }

  stop(): void {
    this.#isClosed = true;
    this.#link?.close();
  }

  async #connect(): Promise<void> {
    const { clock, limits, dial, onFault, onChange } = this.#parts;
    if (this.#isClosed || !this.#take) return;
    try {
      const ws = await dial();
      const link = new Link<Questions, GatewayNews, Record<never, never>, ServerNews>({
        ...{ ws, clock, limits, onFault },
        serves: { answer: {}, take: this.#take },
      });
      if (this.#isClosed) return link.close();
      this.#link = link;
      this.#failures = 0;
      this.#wasUp = true;
      link.onEnd((why) => {
        this.#link = undefined;
        if (!this.#isClosed) onChange(false, why);
        this.#later();
      });
      onChange(true);
      this.#onUp();
    } catch (error) {
      if (this.#failures === 0) onChange(false, error);
      this.#failures += 1;
      this.#later();
    }
  }

  /** Gateways that lost the same server do not come back at the same moment. */
  #later(): void {
    const { clock, random, limits } = this.#parts;
    if (this.#isClosed) return;
    const most = Math.min(limits.retryMs, FIRST_PAUSE_MS * 2 ** Math.min(this.#failures, 20));
    const share = random.bytes(2).readUInt16BE() / 0x10000;
    clock.after(Math.round(most * (0.5 + share / 2)), () => void this.#connect());
  }
}
