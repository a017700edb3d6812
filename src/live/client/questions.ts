/** What was asked and is not answered yet, by the number that an answer repeats. */
import { cutOff, LiveError } from './live-error.ts';
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
      const timer = setTimeout(() => this.#lost(i), ANSWER_MS);
      this.#asked.set(i, { resolve, reject, timer });
      if (!write(i)) this.#lost(i);
    });
  }

  answered({ i, op, ...fields }: Fields): void {
    const asked = this.#take(i as number);
    if (op === 'err') asked?.reject(errorIn(fields));
    else asked?.resolve(fields);
  }

  cut(): void {
    for (const i of this.#asked.keys()) this.#lost(i);
  }

  #take(i: number): Asked | undefined {
    const asked = this.#asked.get(i);
    this.#asked.delete(i);
    clearTimeout(asked?.timer);
    return asked;
  }

  #lost(i: number): void {
    this.#take(i)?.reject(cutOff());
  }
}

/** What the frame `err` says. */
export function errorIn({ code, msg, retry_ms }: Fields): LiveError {
  return new LiveError(String(code), String(msg), retry_ms as number | undefined);
}
