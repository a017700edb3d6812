/**
 * One end of the connection between the server and a gateway: questions with answers, and news without. Everything has
 * a bound: questions that wait, the time of an answer, what waits to be written, and silence.
 */
import type { RawData, WebSocket } from 'ws';
import type { Clock } from '../../util/clock.ts';
import { LimitedConcurrency } from '../../util/limited-concurrency.ts';

export interface LinkLimits {
  /** Milliseconds for an answer. */
  readonly answerMs: number;
  /** Questions that wait for one, of either end. */
  readonly waiting: number;
  /** Questions that are worked on at a time. */
  readonly running: number;
  /** Milliseconds between two looks whether the other end is there; it is given up after two without a word. */
  readonly heartbeatMs: number;
  /** Bytes that may wait to be written. */
  readonly queueBytes: number;
}

/** The link is down, or there is no answer: it is not known whether what was asked for was done. */
export class LinkError extends Error {
  override readonly name = 'LinkError';
}

/** The other end could not do what it was asked for. */
export class LinkFault extends Error {
  override readonly name = 'LinkFault';
}

type Kinds = Readonly<Record<string, { ask: object; answer: object }>>;

/** What this end does for the other, by the names of questions and news. */
export interface LinkServes<Asked, Told> {
  readonly answer: {
    readonly [K in keyof Asked]: Asked[K] extends { ask: infer Ask; answer: infer Answer }
      ? (ask: Ask) => Promise<Answer>
      : never;
  };
  readonly take: { readonly [K in keyof Told]: (news: Told[K]) => void };
}

export interface LinkParts<Asked, Told> {
  readonly ws: WebSocket;
  readonly clock: Clock;
  readonly limits: LinkLimits;
  readonly serves: LinkServes<Asked, Told>;
  onFault(error: unknown): void;
}

interface Message {
  /** Names a question, or the one that is answered. */
  readonly q?: number;
  readonly op?: string;
  readonly a: object;
  readonly fault?: string;
}

interface Waiting {
  readonly resolve: (answer: object) => void;
  readonly reject: (error: Error) => void;
}

/** `Asks`, `Tells`: what this end says; `Asked`, `Told`: what the other one does. */
export class Link<Asks extends { [K in keyof Asks]: Kinds[string] }, Tells, Asked, Told> {
  readonly #parts: LinkParts<Asked, Told>;
  readonly #waiting = new Map<number, Waiting>();
  readonly #working: LimitedConcurrency;
  readonly #cancel: () => void;
  #lastQuestion = 0;
  #silences = 0;
  #isOpen = true;
  readonly #onEnd: ((why: Error | undefined) => void)[] = [];

  constructor(parts: LinkParts<Asked, Told>) {
    this.#parts = parts;
    const { ws, clock, limits } = parts;
    this.#working = new LimitedConcurrency({ running: limits.running, waiting: limits.waiting });
    ws.on('message', (data) => this.#receive(data));
    ws.on('pong', () => {
      this.#silences = 0;
    });
    // That a connection breaks is no fault: the close behind it says so.
    ws.on('error', (error) => this.#end(error));
    ws.on('close', () => this.#end());
    this.#cancel = clock.every(limits.heartbeatMs, () => this.#beat());
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Is called once, when the link is over. `why`: undefined where one end has closed it. */
  onEnd(callback: (why: Error | undefined) => void): void {
    if (this.#isOpen) this.#onEnd.push(callback);
    else callback(undefined);
  }

  /** `atOnce` gets the answer before anything is taken that the other end says behind it. @throws LinkError, LinkFault */
  ask<K extends keyof Asks & string>(
    op: K,
    ask: Asks[K]['ask'],
    atOnce?: (answer: Asks[K]['answer']) => void,
  ): Promise<Asks[K]['answer']> {
    const { clock, limits } = this.#parts;
    if (!this.#isOpen) return Promise.reject(new LinkError('there is no link to the server'));
    if (this.#waiting.size >= limits.waiting) return Promise.reject(new LinkError('too many questions wait'));
    this.#lastQuestion += 1;
    const q = this.#lastQuestion;
    return new Promise((resolve, reject) => {
      const cancel = clock.after(limits.answerMs, () => this.#settle(q)?.reject(new LinkError('there is no answer')));
      this.#waiting.set(q, {
        resolve: (answer) => {
          cancel();
          atOnce?.(answer);
          resolve(answer);
        },
        reject: (error) => {
          cancel();
          reject(error);
        },
      });
      this.#write({ q, op, a: ask });
    });
  }

  /** Tells what needs no answer. Where the link is down it is lost. */
  tell<K extends keyof Tells & string>(op: K, news: Tells[K] & object): void {
    if (this.#isOpen) this.#write({ op, a: news });
  }

  /** Ends the link, after what was said. */
  close(): void {
    if (this.#isOpen) this.#parts.ws.close(1001);
    this.#end();
  }

  #settle(q: number): Waiting | undefined {
    const waiting = this.#waiting.get(q);
    this.#waiting.delete(q);
    return waiting;
  }

  #write(message: Message): void {
    const { ws, limits } = this.#parts;
    if (ws.bufferedAmount > limits.queueBytes) {
      this.#giveUp('the other end does not read fast enough');
      return;
    }
    ws.send(JSON.stringify(message));
  }

  #receive(data: RawData): void {
    this.#silences = 0;
    if (!this.#isOpen) return;
    try {
      const { q, op, a, fault } = JSON.parse(String(data)) as Message;
      if (op !== undefined && q !== undefined) void this.#work(q, op, a);
      else if (op !== undefined) this.#take(op, a);
      else if (q !== undefined && fault !== undefined) this.#settle(q)?.reject(new LinkFault(fault));
      else if (q !== undefined) this.#settle(q)?.resolve(a);
    } catch (error) {
      this.#parts.onFault(error);
    }
  }

  #take(op: string, news: object): void {
    const { take } = this.#parts.serves;
    if (Object.hasOwn(take, op)) (take[op as keyof Told] as (news: object) => void)(news);
  }

  async #work(q: number, op: string, ask: object): Promise<void> {
    const { serves, onFault } = this.#parts;
    try {
      if (!Object.hasOwn(serves.answer, op)) throw new LinkError(`nobody answers ${op}`);
      const work = serves.answer[op as keyof Asked] as (ask: object) => Promise<object>;
      const answer = await this.#working.run(
        () => work(ask),
        () => new LinkError('too many questions wait'),
      );
      if (this.#isOpen) this.#write({ q, a: answer });
    } catch (error) {
      onFault(error);
      if (this.#isOpen) this.#write({ q, a: {}, fault: 'it could not be done' });
    }
  }

  #beat(): void {
    this.#silences += 1;
    if (this.#silences > 2) this.#giveUp('the other end says nothing any more');
    else this.#parts.ws.ping();
  }

  #giveUp(why: string): void {
    this.#parts.ws.terminate();
    this.#end(new LinkError(why));
  }

  #end(why?: Error): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#cancel();
    for (const { reject } of this.#waiting.values()) reject(new LinkError('the link to the server was lost'));
    this.#waiting.clear();
    for (const callback of this.#onEnd.splice(0)) callback(why);
  }
}
