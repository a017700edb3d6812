/** Lets those with the same key go one after the other. */
export class KeyedTurns {
  readonly #last = new Map<string, Promise<void>>();

  async run<T>(key: string, turn: () => Promise<T>): Promise<T> {
    const before = this.#last.get(key);
    const result = before === undefined ? turn() : before.then(turn);
    const ended = result.then(
      () => undefined,
      // Whoever asked is told; the next one begins all the same.
      () => undefined,
    );
    this.#last.set(key, ended);
    try {
      return await result;
    } finally {
      if (this.#last.get(key) === ended) this.#last.delete(key);
    }
  }
}
