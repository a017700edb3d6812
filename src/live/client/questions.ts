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
      const late = () => {
        this.#asked.delete(i);
        reject(new LiveError('cut', 'There was no answer'));
      };
      this.#asked.set(i, { resolve, reject, timer: setTimeout(late, ANSWER_MS) });
      if (!write(i)) this.answered({ op: 'err', i, code: 'cut', msg: 'There is no connection' });
    });
  }

  answered({ i, op, ...fields }: Fields): void {
    const asked = this.#asked.get(i as number);
    if (!asked) return;
    this.#asked.delete(i as number);
    clearTimeout(asked.timer);
    if (op === 'ok') asked.resolve(fields);
    else asked.reject(errorIn(fields));
  }

  cut(): void {
    for (const { reject, timer } of this.#asked.values()) {
      clearTimeout(timer);
      reject(new LiveError('cut', 'The connection was cut'));
    }
    this.#asked.clear();
  }
}

/** What the frame `err` says. */
export function errorIn({ code, msg, retry_ms }: Fields): LiveError {
  return new LiveError(String(code), String(msg), typeof retry_ms === 'number' ? retry_ms : undefined);
}
