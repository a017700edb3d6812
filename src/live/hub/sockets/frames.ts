/**
 * WebSocket frames as bytes, made once and written to any number of sockets. A server's frames are not masked, so that
 * all clients can be sent the same buffer.
 * Source: https://www.rfc-editor.org/rfc/rfc6455#section-5.2 and, for compression, RFC 7692
 */
import { constants, deflateRawSync } from 'node:zlib';

const FIN_TEXT = 0x81;
/** Set in the first frame of a compressed message. */
const RSV1 = 0x40;
/** What a sync flush ends with, which is left out of a frame (RFC 7692, 7.2.1). */
const FLUSH_TAIL = 4;

/** A text message in one frame. */
export function textFrame(text: string): Buffer {
  return framed(FIN_TEXT, Buffer.from(text));
}

/**
 * The same, compressed by itself: it refers to nothing before it, so clients with and without context takeover can read
 * it, given a window of 15 bits.
 */
export function deflatedFrame(text: string): Buffer {
  const flushed = deflateRawSync(text, { finishFlush: constants.Z_SYNC_FLUSH, windowBits: 15 });
  return framed(FIN_TEXT | RSV1, flushed.subarray(0, flushed.length - FLUSH_TAIL));
}

function framed(first: number, payload: Buffer): Buffer {
  const { length } = payload;
  if (length < 126) return Buffer.concat([Buffer.from([first, length]), payload]);
  const header = Buffer.alloc(length < 0x10000 ? 4 : 10);
  header[0] = first;
  if (length < 0x10000) {
    header[1] = 126;
    header.writeUInt16BE(length, 2);
  } else {
    header[1] = 127;
    header.writeBigUInt64BE(BigInt(length), 2);
  }
  return Buffer.concat([header, payload]);
}
