/** What ticks are written to: a WebSocket, or a stream of events. */
import type { CloseCode } from './close-codes.ts';
import type { FramedText } from './framed-text.ts';

export interface Viewer {
  /** Whether frames may come compressed. */
  readonly isDeflating: boolean;
  readonly isOpen: boolean;
  /** Whether it is open, and has taken everything. */
  readonly isAtEase: boolean;
  /** Bytes that wait for the viewer. */
  readonly waitingBytes: number;
  /** Whether it will say so when everything is gone. */
  readonly willDrain: boolean;
  /** Since when nothing is written to it, for it does not read fast enough. */
  readonly laggingSince: number | undefined;
  /** Writes what many viewers get. */
  put(framed: FramedText, deflated: boolean): void;
  /** Writes what `write` writes at once. */
  together(write: () => void): void;
  /** Stops being written to, while it will drain; `onDrained` is called when everything that waits is gone. */
  lag(now: number, onDrained: () => void): void;
  close(code: CloseCode, options?: { retryMs?: number; url?: string }): void;
}
