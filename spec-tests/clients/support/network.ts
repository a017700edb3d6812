/** The cable of one device: everything it asks for goes through `fetch`, until the cable is pulled. */
export class Network {
  #cut = false;
  #inFlight = new Set<AbortController>();

  readonly fetch: typeof globalThis.fetch = async (input, init) => {
    if (this.#cut) throw new TypeError('the network is cut');
    const abort = new AbortController();
    this.#inFlight.add(abort);
    try {
      const signal = init?.signal ? AbortSignal.any([init.signal, abort.signal]) : abort.signal;
      return await globalThis.fetch(input, { ...init, signal });
    } catch (error) {
      // A cut cable is an error of the network, not the caller's own wish to stop.
      if (abort.signal.aborted) throw new TypeError('the network is cut', { cause: error });
      throw error;
    } finally {
      this.#inFlight.delete(abort);
    }
  };

  cut(): void {
    this.#cut = true;
    for (const request of this.#inFlight) request.abort();
  }

  mend(): void {
    this.#cut = false;
  }
}
