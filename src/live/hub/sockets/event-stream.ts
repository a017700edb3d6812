/** A viewer that reads server-sent events: for networks that let no WebSocket through. */
import { PassThrough, type Readable } from 'node:stream';
import type { Clock } from '../../../util/clock.ts';
import type { Position } from '../order/room-order.ts';
import { byeText, type CloseCode } from './close-codes.ts';
import type { FramedText } from './framed-text.ts';
import type { Viewer } from './viewer.ts';

/** Bytes that wait in the stream beside those of the socket. */
const BUFFER = 16 * 1024;
/** Proxies end what is silent for a minute. */
const SILENCE_MS = 25_000;

export class EventStream implements Viewer {
  readonly #stream = new PassThrough({ highWaterMark: BUFFER });
  readonly isDeflating = false;
  #laggingSince: number | undefined;
  #isOpen = true;
  #onEnd: (() => void) | undefined;
  readonly #cancel: () => void;
  readonly #clock: Clock;
  readonly #closeMs: number;

  /** `closeMs`: time for the viewer to read what waits when this has ended. */
  constructor(clock: Clock, closeMs: number) {
    this.#clock = clock;
    this.#closeMs = closeMs;
    this.#cancel = clock.every(SILENCE_MS, () => this.#write(':\n\n'));
    this.#stream.once('close', () => this.end());
    // Whoever goes away in the middle is no fault.
    this.#stream.on('error', () => this.end());
  }

  get readable(): Readable {
    return this.#stream;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  get isAtEase(): boolean {
    return this.#isOpen && this.#laggingSince === undefined && this.waitingBytes === 0;
  }

  get waitingBytes(): number {
    return this.#stream.writableLength + this.#stream.readableLength;
  }

  get willDrain(): boolean {
    return this.#stream.writableNeedDrain;
  }

  get laggingSince(): number | undefined {
    return this.#laggingSince;
  }

  /** Calls back once when it is over. */
  onEnd(callback: () => void): void {
    this.#onEnd = callback;
  }

  /** Writes the text of a frame for this viewer alone. */
  tell(text: string): void {
    this.#write(`data: ${text}\n\n`);
  }

  put({ text, place }: FramedText): void {
    this.#write(`${place ? `id: ${place.epoch}:${place.seq}\n` : ''}data: ${text}\n\n`);
  }

  together(write: () => void): void {
    this.#stream.cork();
    try {
      write();
    } finally {
      this.#stream.uncork();
    }
  }

  lag(now: number, onDrained: () => void): void {
    if (this.#laggingSince !== undefined) return;
    this.#laggingSince = now;
    this.#stream.once('drain', () => {
      this.#laggingSince = undefined;
      if (this.#isOpen) onDrained();
    });
  }

  close(code: CloseCode, { retryMs, url }: { retryMs?: number; url?: string } = {}): void {
    this.tell(byeText(code, retryMs, url));
    this.end();
  }

  end(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#cancel();
    this.#stream.end();
    // Whoever does not read would keep the connection, and what waits for it, for as long as it likes.
    const cancel = this.#clock.after(this.#closeMs, () => this.#stream.destroy());
    this.#stream.once('close', cancel);
    if (this.#stream.closed) cancel();
    this.#onEnd?.();
  }

  #write(text: string): void {
    if (this.#isOpen) this.#stream.write(text);
  }
}

/** The place that `Last-Event-ID` names. */
export function positionOf(id: string): Position | undefined {
  const match = /^([A-Za-z0-9_.-]{1,255}):(\d{1,15})$/.exec(id);
  return match ? { epoch: match[1] ?? '', seq: Number(match[2]) } : undefined;
}
