/**
 * Asks viewers that have been silent whether they are still there, and closes those that do not answer. One timer for
 * all: a wheel with a bucket for each second. Nothing is moved when a viewer speaks; its bucket finds out.
 */
import type { Clock } from '../../../util/clock.ts';
import type { Random } from '../../../util/random.ts';
import { CLOSE } from './close-codes.ts';
import { textFrame } from './frames.ts';
import type { ViewerSocket } from './viewer-socket.ts';

export interface HeartbeatLimits {
  /** Milliseconds of silence after which a viewer is asked. */
  readonly silenceMs: number;
  /** Milliseconds for the answer. */
  readonly answerMs: number;
}

const PING = textFrame('{"op":"ping"}');
const BUCKET_MS = 1000;

export class Heartbeats {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #limits: HeartbeatLimits;
  readonly #buckets: Set<ViewerSocket>[];
  readonly #bucketOf = new Map<ViewerSocket, Set<ViewerSocket>>();
  #hand = 0;
  /** Chance, drawn for many sockets at once. */
  #chance: Buffer = Buffer.alloc(0);
  #cancel: (() => void) | undefined;

  constructor(clock: Clock, random: Random, limits: HeartbeatLimits) {
    this.#clock = clock;
    this.#random = random;
    this.#limits = limits;
    const longest = Math.max(limits.silenceMs, limits.answerMs);
    this.#buckets = Array.from({ length: Math.ceil(longest / BUCKET_MS) + 1 }, () => new Set());
  }

  start(): void {
    this.#cancel ??= this.#clock.every(BUCKET_MS, () => this.#turn());
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  /** The first question comes at any time of the period, so that those who came together are not asked together. */
  add(socket: ViewerSocket): void {
    if (this.#chance.length === 0) this.#chance = this.#random.bytes(256);
    const share = this.#chance.readUInt8() / 0x100;
    this.#chance = this.#chance.subarray(1);
    this.#put(socket, this.#limits.silenceMs * (1 - share / 2));
  }

  remove(socket: ViewerSocket): void {
    this.#bucketOf.get(socket)?.delete(socket);
    this.#bucketOf.delete(socket);
  }

  #put(socket: ViewerSocket, inMs: number): void {
    const steps = Math.min(this.#buckets.length - 1, Math.max(1, Math.ceil(inMs / BUCKET_MS)));
    const bucket = this.#buckets[(this.#hand + steps) % this.#buckets.length]!;
    bucket.add(socket);
    this.#bucketOf.set(socket, bucket);
  }

  #turn(): void {
    this.#hand = (this.#hand + 1) % this.#buckets.length;
    const bucket = this.#buckets[this.#hand]!;
    const sockets = [...bucket];
    bucket.clear();
    const now = this.#clock.now();
    for (const socket of sockets) this.#look(socket, now);
  }

  #look(socket: ViewerSocket, now: number): void {
    this.#bucketOf.delete(socket);
    const { silenceMs, answerMs } = this.#limits;
    // A clock that was set back makes nobody look silent for long, and one set forward asks once too often.
    const silence = Math.max(0, now - socket.heardAt);
    const { pingedAt } = socket;
    if (pingedAt !== undefined && socket.heardAt < pingedAt) {
      socket.close(CLOSE.silent);
      return;
    }
    socket.pingedAt = undefined;
    if (silence < silenceMs - BUCKET_MS) {
      this.#put(socket, silenceMs - silence);
      return;
    }
    socket.pingedAt = now;
    socket.write(PING);
    this.#put(socket, answerMs);
  }
}
