/** A viewer of the gateway that remembers what it was told. */
import { type ClientOptions, WebSocket } from 'ws';
import type { JsonObject } from '../../../src/protocol/json.ts';

/** The numbers of entries, of which frames say those only that do not follow the one before. */
export function numbersOf({ ev, p }: { readonly ev?: unknown; readonly p?: unknown }): number[] {
  let last = Number(p);
  return ((ev ?? []) as readonly { readonly s?: number }[]).map(({ s }) => {
    last = s ?? last + 1;
    return last;
  });
}

export class TestViewer {
  readonly ws: WebSocket;
  readonly frames: JsonObject[] = [];
  closeCode: number | undefined;
  #waiting: (() => void)[] = [];

  constructor(url: string, options: ClientOptions = {}, protocols: string[] = ['beamify.live.v1']) {
    this.ws = new WebSocket(url, protocols, { perMessageDeflate: false, ...options });
    this.ws.on('message', (data) => {
      this.frames.push(JSON.parse(String(data)) as JsonObject);
      this.#wake();
    });
    this.ws.on('close', (code) => {
      this.closeCode = code;
      this.#wake();
    });
    this.ws.on('error', () => this.#wake());
  }

  opened(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.ws.once('open', resolve);
      this.ws.once('error', reject);
    });
  }

  send(frame: JsonObject): void {
    this.ws.send(JSON.stringify(frame));
  }

  hello(more: JsonObject = {}): void {
    this.send({ op: 'hello', v: 1, subs: [{ ch: 'ch_1' }], ...more });
  }

  /** Resolves when what is told so far is as wanted. */
  async until(isEnough: (viewer: this) => boolean): Promise<void> {
    while (!isEnough(this)) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** The first frame of a kind, once it is there. */
  async frame(op: string): Promise<JsonObject> {
    await this.until(() => this.frames.some((frame) => frame['op'] === op));
    return this.frames.find((frame) => frame['op'] === op)!;
  }

  async closed(): Promise<number> {
    await this.until(() => this.closeCode !== undefined);
    return this.closeCode!;
  }

  /** Ids of the messages told, those of snapshots included, in the order in which they came. */
  get messages(): unknown[] {
    return this.frames.flatMap((frame) => ((frame['ev'] ?? []) as JsonObject[]).map((entry) => entry['id']));
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}
