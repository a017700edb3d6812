/** Channels where no WebSocket gets through: by server-sent events, or by polling where these do not come through either. */
import { backOff } from './back-off.ts';
import type { Credentials } from './credentials.ts';
import { HttpLine } from './http-line.ts';
import type { Frame, LiveChannel } from './live-channel.ts';
import { LiveError } from './live-error.ts';
import type { Fields } from './live-events.ts';
import type { LiveClientOptions } from './live-options.ts';
import { pause } from './pause.ts';
import { poll } from './polled-channel.ts';
import { readStream } from './streamed-channel.ts';

export interface FallbackOptions {
  readonly options: LiveClientOptions;
  readonly credentials: Credentials;
  /** Those to be watched. */
  readonly channels: ReadonlyMap<string, LiveChannel>;
  /** Told when it begins or ceases to be connected. */
  changed(): void;
  system(frame: Frame): void;
}

/** What will not be otherwise soon: no such channel, or one for others. */
const FINAL = new Set(['403', '404', '4004']);
/** What went on for so long works. */
const LASTS_MS = 10_000;
/** So often it is looked whether a pass should be renewed. */
const RENEWAL_MS = 60_000;
const ECHO_MS = 5000;
/** After this time what was perhaps done is asked for again, under the same name. */
const AGAIN_MS = 2000;

export class Fallback {
  readonly #options: FallbackOptions;
  readonly #http: HttpLine;
  readonly #watched = new Map<LiveChannel, AbortController>();
  readonly #open = new Map<LiveChannel, Way>();
  #heard: { readonly text: string; readonly at: number } | undefined;

  constructor(options: FallbackOptions) {
    this.#options = options;
    this.#http = new HttpLine(options.options, options.credentials);
    for (const channel of options.channels.values()) this.watch(channel);
  }

  /** How channels are read, if any is. */
  get way(): Way | undefined {
    return [...this.#open.values()][0];
  }

  /** Watches a channel, from where it stands. */
  watch(channel: LiveChannel): void {
    this.leave(channel);
    const stop = new AbortController();
    this.#watched.set(channel, stop);
    const timer = setInterval(() => this.#http.passes.enter(channel.id).catch(() => undefined), RENEWAL_MS);
    stop.signal.addEventListener('abort', () => clearInterval(timer));
    void this.#run(channel, stop.signal);
  }

  leave(channel: LiveChannel): void {
    this.#watched.get(channel)?.abort();
    this.#watched.delete(channel);
    this.#open.delete(channel);
  }

  /** Has a frame of a channel done. */
  async perform(channel: LiveChannel, frame: Frame): Promise<Fields> {
    try {
      return await this.#http.perform(channel.id, frame);
    } catch (error) {
      const isUnknown = error instanceof LiveError && error.code === 'cut';
      if (isUnknown) setTimeout(() => this.#watched.has(channel) && channel.resend(), AGAIN_MS);
      throw error;
    }
  }

  /** Has a frame done of which nobody is told what became. */
  write(channel: LiveChannel, frame: Frame): boolean {
    if (frame.op === 'sub') this.watch(channel);
    else this.perform(channel, frame).catch(() => undefined);
    return true;
  }

  /** As whoever it is now. */
  restart(): void {
    this.#http.passes.forget();
    for (const channel of this.#options.channels.values()) {
      channel.cut();
      this.watch(channel);
    }
    this.#options.changed();
  }

  stop(): void {
    for (const channel of [...this.#watched.keys()]) {
      this.leave(channel);
      channel.cut();
    }
  }

  async #run(channel: LiveChannel, signal: AbortSignal): Promise<void> {
    const { options } = this.#options;
    const system = (frame: Frame) => this.#hear(frame);
    const { profile = 'full', moderator = false } = options;
    const http = this.#http;
    let way: Way = 'events';
    for (let failures = 0; ; failures++) {
      let hasOpened = false;
      const began = performance.now();
      const opened = () => {
        hasOpened = true;
        this.#note(channel, way);
      };
      const reading = { http, channel, profile, moderator, signal, opened, system };
      try {
        await http.passes.enter(channel.id);
        await (way === 'events' ? readStream(reading) : poll(reading));
      } catch (error) {
        // Whatever it was, it is tried again, unless that would change nothing.
        if (signal.aborted) return;
        const code = error instanceof LiveError ? error.code : '';
        if (FINAL.has(code)) return this.#refused(channel, error as LiveError);
      }
      if (signal.aborted) return;
      channel.cut();
      this.#note(channel, undefined);
      // What opens and ends at once, again and again, is no connection either.
      if (hasOpened && performance.now() - began > LASTS_MS) failures = 0;
      if (!hasOpened) way = way === 'events' ? 'poll' : 'events';
      try {
        await pause(backOff(failures), signal);
      } catch {
        // Left meanwhile.
        return;
      }
    }
  }

  /** Each channel that is streamed tells it; it is heard once. */
  #hear(frame: Frame): void {
    const text = JSON.stringify(frame);
    const isNew = text !== this.#heard?.text || performance.now() - this.#heard.at > ECHO_MS;
    this.#heard = { text, at: performance.now() };
    if (isNew) this.#options.system(frame);
  }

  #refused(channel: LiveChannel, { code, message }: LiveError): void {
    this.leave(channel);
    channel.cut();
    this.#options.changed();
    channel.refused(new LiveError(code.length === 3 ? '4004' : code, message));
  }

  #note(channel: LiveChannel, way: Way | undefined): void {
    if (this.#open.get(channel) === way) return;
    if (way === undefined) this.#open.delete(channel);
    else this.#open.set(channel, way);
    this.#options.changed();
  }
}

export type Way = 'events' | 'poll';
