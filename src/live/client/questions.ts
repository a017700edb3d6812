/** What was asked and is not answered yet, by the number that an answer repeats. */
import { LiveError } from './live-error.ts';
import type { Fields } from './live-events.ts';

interface Asked {
  readonly resolve: (fields: Fields) => void;
  readonly reject: (error: LiveError) => void;
  readonly timer: ReturnType<typeof setTimeout>;
}

const ANSWER_MS = 30_000;

export class Questions {
  readonly #asked = new Map<number, Asked>();
  #last = 0;

  /** `write` writes the frame with its number, and answers whether there is a connection. */
  ask(write: (i: number) => boolean): Promise<Fields> {
    this.#last += 1;
    const i = this.#last;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#lost(i, 'There was no answer'), ANSWER_MS);
      this.#asked.set(i, { resolve, reject, timer });
      if (!write(i)) this.#lost(i, 'There is no connection');
    });
  }

  answered({ i, op, ...fields }: Fields): void {
    const asked = this.#asked.get(i as number);
    if (!asked) return;
    this.#asked.delete(i as number);
    clearTimeout(asked.timer);
    if (op === 'err') asked.reject(errorIn(fields));
    else asked.resolve(fields);
  }

  cut(): void {
    for (const i of this.#asked.keys()) this.#lost(i, 'The connection was cut');
  }

  #lost(i: number, msg: string): void {
    this.answered({ op: 'err', i, code: 'cut', msg });
  }
}

/** What the frame `err` says. */
export function errorIn({ code, msg, retry_ms }: Fields): LiveError {
  return new LiveError(String(code), String(msg), typeof retry_ms === 'number' ? retry_ms : undefined);
}
