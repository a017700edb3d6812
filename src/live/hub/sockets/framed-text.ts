/** A public text that many viewers get, framed when the first of them needs it: plain, and compressed. */
import type { Position } from '../order/room-order.ts';
import { deflatedFrame, textFrame } from './frames.ts';

/** Below so many characters compression gains nothing. */
const DEFLATE_FROM = 200;

export class FramedText {
  readonly text: string;
  /** Where it leaves its reader. */
  readonly place: Position | undefined;
  #plain: Buffer | undefined;
  #deflated: Buffer | undefined;

  constructor(text: string, place?: Position) {
    this.text = text;
    this.place = place;
  }

  frame(deflated: boolean): Buffer {
    if (deflated && this.text.length >= DEFLATE_FROM) {
      this.#deflated ??= deflatedFrame(this.text);
      return this.#deflated;
    }
    this.#plain ??= textFrame(this.text);
    return this.#plain;
  }
}
