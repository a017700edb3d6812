/** The client's half of a WebSocket: what it says, and the close handshake. Our frames are written beside it. */
import type { Duplex } from 'node:stream';
import type { Clock } from '../../../util/clock.ts';
import { ClientFrames, type FrameLimits, type FrameListener } from './client-frames.ts';
import { closeFrame, pongFrame } from './frames.ts';

export interface ClientListener {
  onText(text: string): void;
  onBinary(): void;
  /** The conversation is over: nothing more is to be written. */
  onGone(): void;
  /** The connection is closed. */
  onClosed(): void;
}

export interface ClientSocketOptions {
  readonly clock: Clock;
  readonly limits: FrameLimits;
  /** Milliseconds for the client to answer a close. */
  readonly closeMs: number;
}

export class ClientSocket implements FrameListener {
  readonly #socket: Duplex;
  readonly #options: ClientSocketOptions;
  readonly #frames: ClientFrames;
  #listener: ClientListener | undefined;
  #isClosing = false;
  #cancelClose: (() => void) | undefined;

  constructor(socket: Duplex, options: ClientSocketOptions, mayDeflate: boolean) {
    this.#socket = socket;
    this.#options = options;
    this.#frames = new ClientFrames(this, options.limits, mayDeflate);
  }

  /** Reads from now on; `head` is what has come already. */
  listen(listener: ClientListener, head: Buffer): void {
    const socket = this.#socket;
    this.#listener = listener;
    socket.on('data', (bytes: Buffer) => this.#frames.push(bytes));
    // Whoever says no more does not listen either: both directions are closed at once, and not one after the other.
    socket.on('end', () => socket.destroy());
    socket.on('error', () => listener.onGone());
    socket.on('close', () => {
      this.#frames.stop();
      this.#cancelClose?.();
      listener.onClosed();
    });
    if (head.length > 0) this.#frames.push(head);
  }

  /** Says why, and waits for the client to say so, too. */
  close(code: number): void {
    if (this.#isClosing) return;
    this.#waitForClose();
    if (!this.#socket.destroyed) this.#socket.write(closeFrame(code));
  }

  onText(text: string): void {
    this.#listener?.onText(text);
  }

  onBinary(): void {
    this.#listener?.onBinary();
  }

  /** A client that asks and does not read the answers gets none. */
  onPing(payload: Buffer): void {
    const { writableLength, destroyed } = this.#socket;
    if (this.#isClosing || destroyed || writableLength > this.#options.limits.maxMessage) return;
    this.#socket.write(pongFrame(payload));
  }

  onClose(code: number | undefined): void {
    this.#end(code);
  }

  onViolation(code: number): void {
    this.#end(code);
  }

  /** The server ends the connection first (RFC 6455, 7.1.1), and says why unless it has. */
  #end(code: number | undefined): void {
    this.#listener?.onGone();
    const last = this.#isClosing ? undefined : closeFrame(code);
    if (!this.#isClosing) this.#waitForClose();
    if (!this.#socket.destroyed) this.#socket.end(last);
  }

  #waitForClose(): void {
    this.#isClosing = true;
    const { clock, closeMs } = this.#options;
    this.#cancelClose = clock.after(closeMs, () => this.#socket.destroy());
  }
}
