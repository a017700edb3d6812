/**
 * WebSocket frames as bytes, made once and written to any number of sockets. A server's frames are not masked, so that
 * all clients can be sent the same buffer.
 * Source: https://www.rfc-editor.org/rfc/rfc6455#section-5.2 and, for compression, RFC 7692
 */
import { constants, deflateRawSync } from 'node:zlib';

const [FIN_TEXT, FIN_CLOSE, FIN_PONG] = [0x81, 0x88, 0x8a];
/** Set in the first frame of a compressed message. */
const RSV1 = 0x40;
/** What a sync flush ends with, which is left out of a frame (RFC 7692, 7.2.1). */
const FLUSH_TAIL = 4;

/** A text message in one frame. */
export function textFrame(text: string): Buffer {
  const length = Buffer.byteLength(text);
  const frame = headed(FIN_TEXT, length);
  frame.write(text, frame.length - length);
  return frame;
}

/**
 * The same, compressed by itself: it refers to nothing before it, so clients with and without context takeover can read
 * it, given a window of 15 bits.
 */
export function deflatedFrame(text: string): Buffer {
  const flushed = deflateRawSync(text, { finishFlush: constants.Z_SYNC_FLUSH, windowBits: 15 });
  const length = flushed.length - FLUSH_TAIL;
  const frame = headed(FIN_TEXT | RSV1, length);
  flushed.copy(frame, frame.length - length, 0, length);
  return frame;
}

/** Ends the conversation; without a code where the client said none. */
export function closeFrame(code: number | undefined): Buffer {
  const frame = headed(FIN_CLOSE, code === undefined ? 0 : 2);
  if (code !== undefined) frame.writeUInt16BE(code, 2);
  return frame;
}

/** Answers a ping, whose payload it has. */
export function pongFrame(payload: Buffer): Buffer {
  const frame = headed(FIN_PONG, payload.length);
  payload.copy(frame, frame.length - payload.length);
  return frame;
}

/** A frame with room for its payload behind the head. */
function headed(first: number, length: number): Buffer {
  const head = length < 126 ? 2 : length < 0x10000 ? 4 : 10;
  const frame = Buffer.allocUnsafe(head + length);
  frame[0] = first;
  frame[1] = head === 2 ? length : head === 4 ? 126 : 127;
  if (head === 4) frame.writeUInt16BE(length, 2);
  if (head === 10) frame.writeBigUInt64BE(BigInt(length), 2);
  return frame;
}
