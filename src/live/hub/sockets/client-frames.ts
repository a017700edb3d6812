/**
 * Frames of clients, out of the bytes as they come: whole messages, control frames, and the code to close with where the
 * protocol is broken. Bounded by the largest message, of however many frames.
 * Source: https://www.rfc-editor.org/rfc/rfc6455#section-5 and, for compression, RFC 7692
 */
import { isUtf8 } from 'node:buffer';
import { constants, inflateRawSync } from 'node:zlib';

/** Close codes of RFC 6455, 7.4.1, for what may be wrong with a frame. */
export type Violation = 1002 | 1007 | 1008 | 1009;

export interface FrameListener {
  onText(text: string): void;
  onBinary(): void;
  onPing(payload: Buffer): void;
  /** The client closes; undefined: without a code. */
  onClose(code: number | undefined): void;
  /** Nothing is read any more. */
  onViolation(code: Violation): void;
}

export interface FrameLimits {
  /** Bytes of a message, compressed or not. */
  readonly maxMessage: number;
  /** Frames of a message. */
  readonly maxFragments: number;
}

const [CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG] = [0, 1, 2, 8, 9, 10];
const [FIN, RSV1, RSV2_AND_3, MASKED] = [0x80, 0x40, 0x30, 0x80];
const MAX_CONTROL = 125;
const MASK_BYTES = 4;
const NOTHING = Buffer.alloc(0);
/** What a sync flush ends with, which is left out of a frame (RFC 7692, 7.2.2). */
const FLUSH_TAIL = Buffer.from([0, 0, 0xff, 0xff]);

interface Head {
  readonly opcode: number;
  readonly isFinal: boolean;
  readonly isDeflated: boolean;
  readonly length: number;
  /** Where the mask begins. */
  readonly mask: number;
}

class BrokenFrame extends Error {
  readonly code: Violation;

  constructor(code: Violation) {
    super(`close ${code}`);
    this.code = code;
  }
}

/** A message of which more is to come. */
interface Begun {
  readonly isText: boolean;
  readonly isDeflated: boolean;
  readonly pieces: Buffer[];
  length: number;
}

export class ClientFrames {
  readonly #listener: FrameListener;
  readonly #limits: FrameLimits;
  /** Whether compression was agreed upon. */
  readonly #mayDeflate: boolean;
  #rest: Buffer = NOTHING;
  #begun: Begun | undefined;
  #isOver = false;

  constructor(listener: FrameListener, limits: FrameLimits, mayDeflate: boolean) {
    this.#listener = listener;
    this.#limits = limits;
    this.#mayDeflate = mayDeflate;
  }

  /** Takes bytes as they come. */
  push(bytes: Buffer): void {
    if (this.#isOver) return;
    const all = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    let at = 0;
    try {
      while (!this.#isOver) {
        const head = this.#headAt(all, at);
        if (!head || all.length < head.mask + MASK_BYTES + head.length) break;
        at = head.mask + MASK_BYTES + head.length;
        this.#take(head, unmasked(all, head));
      }
    } catch (error) {
      if (!(error instanceof BrokenFrame)) throw error;
      this.stop();
      this.#listener.onViolation(error.code);
    }
    // A copy: a few bytes must not keep the whole of what was read.
    this.#rest = this.#isOver || at === all.length ? NOTHING : Buffer.from(all.subarray(at));
  }

  /** Reads nothing any more. */
  stop(): void {
    this.#isOver = true;
    this.#rest = NOTHING;
    this.#begun = undefined;
  }

  /** The head of the frame that begins at `at`; undefined where there is not enough of it yet. */
  #headAt(all: Buffer, at: number): Head | undefined {
    if (all.length < at + 2) return undefined;
    const [first, second] = [all.readUInt8(at), all.readUInt8(at + 1)];
    const opcode = first & 0x0f;
    const [isFinal, isDeflated] = [(first & FIN) !== 0, (first & RSV1) !== 0];
    if ((first & RSV2_AND_3) !== 0 || (second & MASKED) === 0) throw new BrokenFrame(1002);
    this.#checkKind(opcode, isFinal, isDeflated);
    const short = second & 0x7f;
    if (opcode >= CLOSE && short > MAX_CONTROL) throw new BrokenFrame(1002);
    const bytes = short < 126 ? 0 : short === 126 ? 2 : 8;
    if (all.length < at + 2 + bytes) return undefined;
    const length = bytes === 0 ? short : bytes === 2 ? all.readUInt16BE(at + 2) : Number(all.readBigUInt64BE(at + 2));
    if (length + (this.#begun?.length ?? 0) > this.#limits.maxMessage && opcode < CLOSE) throw new BrokenFrame(1009);
    return { opcode, isFinal, isDeflated, length, mask: at + 2 + bytes };
  }

  #checkKind(opcode: number, isFinal: boolean, isDeflated: boolean): void {
    const isControl = opcode >= CLOSE;
    const isKnown = opcode <= BINARY || (isControl && opcode <= PONG);
    const isInOrder = isControl ? isFinal : (opcode === CONTINUATION) === (this.#begun !== undefined);
    // Only the first frame of a message says that it is compressed.
    const mayBeDeflated = this.#mayDeflate && (opcode === TEXT || opcode === BINARY);
    if (!isKnown || !isInOrder || (isDeflated && !mayBeDeflated)) throw new BrokenFrame(1002);
  }

  #take(head: Head, payload: Buffer): void {
    if (head.opcode < CLOSE) this.#add(head, payload);
    else if (head.opcode === PING) this.#listener.onPing(payload);
    else if (head.opcode === CLOSE) {
      const code = closeCode(payload);
      this.stop();
      this.#listener.onClose(code);
    }
  }

  #add({ opcode, isFinal, isDeflated }: Head, payload: Buffer): void {
    const message = this.#begun ?? { isText: opcode === TEXT, isDeflated, pieces: [], length: 0 };
    message.pieces.push(payload);
    message.length += payload.length;
    this.#begun = isFinal ? undefined : message;
    if (message.pieces.length > this.#limits.maxFragments) throw new BrokenFrame(1008);
    if (isFinal) this.#finish(message);
  }

  #finish({ isText, isDeflated, pieces }: Begun): void {
    const [only] = pieces;
    const joined = pieces.length === 1 && only !== undefined ? only : Buffer.concat(pieces);
    const bytes = isDeflated ? inflated(joined, this.#limits.maxMessage) : joined;
    if (isText && !isUtf8(bytes)) throw new BrokenFrame(1007);
    if (isText) this.#listener.onText(bytes.toString());
    else this.#listener.onBinary();
  }
}

function unmasked(all: Buffer, { mask, length }: Head): Buffer {
  const from = mask + MASK_BYTES;
  const payload = Buffer.from(all.subarray(from, from + length));
  for (let at = 0; at < length; at++) payload[at] = all[from + at]! ^ all[mask + (at & 3)]!;
  return payload;
}

function inflated(bytes: Buffer, maxOutputLength: number): Buffer {
  try {
    const whole = Buffer.concat([bytes, FLUSH_TAIL]);
    return inflateRawSync(whole, { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength });
  } catch (error) {
    const isTooLong = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
    throw new BrokenFrame(isTooLong ? 1009 : 1007);
  }
}

/** Codes that may be said in a frame (RFC 6455, 7.4). */
function isCloseCode(code: number): boolean {
  const isOfProtocol = code >= 1000 && code <= 1014 && code !== 1004 && code !== 1005 && code !== 1006;
  return isOfProtocol || (code >= 3000 && code <= 4999);
}

function closeCode(payload: Buffer): number | undefined {
  if (payload.length === 0) return undefined;
  if (payload.length === 1 || !isCloseCode(payload.readUInt16BE())) throw new BrokenFrame(1002);
  if (!isUtf8(payload.subarray(2))) throw new BrokenFrame(1007);
  return payload.readUInt16BE();
}
