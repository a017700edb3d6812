/** One viewer's connection: what is written to it, how much of that waits, and when it last said something. */
import type { Duplex } from 'node:stream';
import type { ClientSocket } from './client-socket.ts';
import { byeText, type CloseCode } from './close-codes.ts';
import type { FramedText } from './framed-text.ts';
import { textFrame } from './frames.ts';
import type { Viewer } from './viewer.ts';

export interface SocketLimits {
  /** Bytes that wait for the viewer, from which on it gets no counts. */
  readonly lossyBytes: number;
  /** Bytes from which on nothing more is written until all of them are gone. */
  readonly lagBytes: number;
  /** Bytes from which on it is closed, and milliseconds in which what waits has to be gone. */
  readonly closeBytes: number;
  readonly closeMs: number;
}

export class ViewerSocket implements Viewer {
  readonly #socket: Duplex;
  readonly #client: Pick<ClientSocket, 'close'>;
  /** Whether frames may come compressed. */
  readonly isDeflating: boolean;
  /** Milliseconds since the epoch of the last frame from the client. */
  heardAt: number;
  /** When it was asked whether it is still there; undefined: it has answered. */
  pingedAt: number | undefined;
  #laggingSince: number | undefined;
  #isClosed = false;
  /** What is kept back, and by how many. */
  #gathered: Buffer[] = [];
  #gatherers = 0;

  constructor(socket: Duplex, client: Pick<ClientSocket, 'close'>, isDeflating: boolean, now: number) {
    this.#socket = socket;
    this.#client = client;
    this.isDeflating = isDeflating;
    this.heardAt = now;
  }

  get isOpen(): boolean {
    return !this.#isClosed;
  }

  get isAtEase(): boolean {
    return !this.#isClosed && this.#laggingSince === undefined && this.#socket.writableLength === 0;
  }

  /** Bytes that the operating system has not taken yet. */
  get waitingBytes(): number {
    return this.#socket.writableLength;
  }

  /** Whether it will say so when everything is gone; a socket does so once much waits. */
  get willDrain(): boolean {
    return this.#socket.writableNeedDrain;
  }

  /** Since when nothing is written to it, for it does not read fast enough. */
  get laggingSince(): number | undefined {
    return this.#laggingSince;
  }

  /** Writes a frame that is made already. Frames go on the wire in the order of the calls. */
  write(frame: Buffer): void {
    // Of a connection that was lost this moment the close is still to come.
    if (this.#isClosed || this.#socket.destroyed) return;
    if (this.#gatherers > 0) this.#gathered.push(frame);
    else this.#socket.write(frame);
  }

  put(framed: FramedText, deflated: boolean): void {
    this.write(framed.frame(deflated));
  }

  /** A text for this viewer alone, which is never compressed. */
  send(text: string): void {
    this.write(textFrame(text));
  }

  /** Writes what `write` writes at once. */
  together(write: () => void): void {
    const finish = this.gather();
    try {
      write();
    } finally {
      finish();
    }
  }

  /** Keeps back what is written until the answer is called, and writes it at once then. */
  gather(): () => void {
    this.#gatherers += 1;
    return () => {
      this.#gatherers -= 1;
      if (this.#gatherers === 0) this.#flush();
    };
  }

  /** Stops being written to, while it will drain; `onDrained` is called when everything that waits is gone. */
  lag(now: number, onDrained: () => void): void {
    if (this.#laggingSince !== undefined) return;
    this.#laggingSince = now;
    this.#socket.once('drain', () => {
      this.#laggingSince = undefined;
      if (!this.#isClosed) onDrained();
    });
  }

  /** Says why, and closes. What waits is written if the client takes it soon. */
  close(code: CloseCode, options: { retryMs?: number; url?: string } = {}): void {
    if (this.#isClosed) return;
    this.send(byeText(code, options.retryMs, options.url));
    this.#flush();
    this.#isClosed = true;
    this.#client.close(code);
  }

  /** One write of all is cheaper than corking the socket, which hands over each piece. */
  #flush(): void {
    const gathered = this.#gathered;
    if (gathered.length === 0) return;
    this.#gathered = [];
    if (!this.#socket.destroyed) this.#socket.write(gathered.length === 1 ? gathered[0] : Buffer.concat(gathered));
  }

  /** Tells that the connection is gone. */
  gone(): void {
    this.#isClosed = true;
  }
}
