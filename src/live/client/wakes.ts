/** When a connection may be gone, or may be had again: the network came or went, or the page is looked at again. */
interface Wakeable {
  readonly hidden?: boolean;
  addEventListener?(name: string, listener: () => void, options: { readonly signal: AbortSignal }): void;
}

/** Calls back whenever that may be; the answer ends it. Without a browser it never is. */
export function onWake(callback: () => void): () => void {
  const end = new AbortController();
  const around = globalThis as unknown as Wakeable & { readonly document?: Wakeable };
  const wake = () => around.document?.hidden || callback();
  around.addEventListener?.('online', wake, end);
  around.addEventListener?.('offline', wake, end);
  around.document?.addEventListener?.('visibilitychange', wake, end);
  return () => end.abort();
}
