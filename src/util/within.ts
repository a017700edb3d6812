import type { Clock } from './clock.ts';

/**
 * What `promise` gives, if it does within `ms`; otherwise throws what `late` makes. The work behind the promise goes on,
 * and its failure is then nobody's here.
 */
export function within<T>(clock: Clock, ms: number, promise: Promise<T>, late: () => Error): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(ms, () => reject(late()));
    promise.then(
      (value) => {
        cancel();
        resolve(value);
      },
      (error: unknown) => {
        cancel();
        reject(error);
      },
    );
  });
}
