/** All viewers: those who are connected to the server itself and those of the gateways that are linked to it. */
import type { Crowd } from '../api/gateway/people.ts';
import type { CloseCode } from '../hub/sockets/close-codes.ts';

export class Everybody implements Crowd {
  readonly #crowds: Set<Crowd>;

  constructor(here: Crowd) {
    this.#crowds = new Set([here]);
  }

  add(crowd: Crowd): void {
    this.#crowds.add(crowd);
  }

  remove(crowd: Crowd): void {
    this.#crowds.delete(crowd);
  }

  tell(userId: string, text: string, channelId?: string): void {
    for (const crowd of this.#crowds) crowd.tell(userId, text, channelId);
  }

  shut(userId: string, code: CloseCode, deviceId?: string): void {
    for (const crowd of this.#crowds) crowd.shut(userId, code, deviceId);
  }

  shutOverlays(channelId: string, code: CloseCode): void {
    for (const crowd of this.#crowds) crowd.shutOverlays(channelId, code);
  }

  shutOut(channelId: string, mayStay: (userId: string | undefined) => boolean): void {
    for (const crowd of this.#crowds) crowd.shutOut(channelId, mayStay);
  }

  recheck(userId: string, channelId: string): Promise<void> {
    return this.#all((crowd) => crowd.recheck(userId, channelId));
  }

  recheckAll(channelId: string): Promise<void> {
    return this.#all((crowd) => crowd.recheckAll(channelId));
  }

  tellAll(text: string): void {
    for (const crowd of this.#crowds) crowd.tellAll(text);
  }

  resubscribe(channelId: string): Promise<void> {
    return this.#all((crowd) => crowd.resubscribe(channelId));
  }

  async #all(each: (crowd: Crowd) => Promise<void>): Promise<void> {
    await Promise.all([...this.#crowds].map(each));
  }
}
