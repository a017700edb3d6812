/** The WebSocket to the gateway, of which there is one at a time. One on which nothing comes is none. */
import type { Frame } from './live-channel.ts';
import type { SocketLike } from './live-options.ts';

export interface SocketEvents {
  opened(): void;
  heard(frame: Frame): void;
  /** The connection is gone; `code` as the gateway says, 0 where it said nothing. */
  ended(code: number): void;
}

const OPEN = 1;
/** A WebSocket on which no word has come after this time does not get through. */
const FIRST_WORD_MS = 10_000;
const ANSWER_MS = 5000;

export class SocketLine {
  readonly #events: SocketEvents;
  #socket: SocketLike | undefined;
  #silence: ReturnType<typeof setTimeout> | undefined;
  #silenceMs = 60_000;

  constructor(events: SocketEvents) {
    this.#events = events;
  }

  use(socket: SocketLike): void {
    this.#socket = socket;
    const isCurrent = () => this.#socket === socket;
    socket.onopen = () => isCurrent() && this.#events.opened();
    socket.onmessage = ({ data }: { data: unknown }) => isCurrent() && this.#take(JSON.parse(String(data)) as Frame);
    socket.onerror = () => undefined;
    socket.onclose = ({ code }: { code: number }) => isCurrent() && this.#end(code);
    this.#listen(FIRST_WORD_MS);
  }

  /** Whether it was written; otherwise there is no connection. */
  send(frame: Frame): boolean {
    if (this.#socket?.readyState !== OPEN) return false;
    this.#socket.send(JSON.stringify(frame));
    return true;
  }

  /** Asks whether it is still there: whatever comes is an answer. */
  check(): void {
    if (this.send({ op: 'unsub', i: 0, ch: '-' })) this.#listen(ANSWER_MS);
  }

  /** Nothing is told of it any more. */
  leave(code?: number): void {
    const socket = this.#socket;
    this.#socket = undefined;
    clearTimeout(this.#silence);
    socket?.close(code);
  }

  #take(frame: Frame): void {
    // The server asks after `hb` of silence, so twice that without a word is no connection.
    if (frame['hb']) this.#silenceMs = 2 * (frame['hb'] as number) + 10_000;
    this.#listen(this.#silenceMs);
    if (frame.op === 'ping') this.send({ op: 'pong' });
    else this.#events.heard(frame);
  }

  #listen(ms: number): void {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => this.#end(0, 4000), ms);
  }

  #end(code: number, says?: number): void {
    this.leave(says);
    this.#events.ended(code);
  }
}
