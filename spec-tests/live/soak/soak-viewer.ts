/** A viewer that believes nothing and comes back for ever: every tick has to go on where the one before ended. */
import { WebSocket } from 'ws';
import type { JsonObject } from '../../../src/protocol/json.ts';
import { numbersOf } from '../gateway/test-viewer.ts';

export class SoakViewer {
  readonly #urlOf: () => string;
  readonly #channel: string;
  #position: { epoch: string; seq: number } | undefined;
  #ws: WebSocket | undefined;
  #isOver = false;
  /** Ids that this viewer shows. */
  readonly shown = new Set<string>();
  /** Ids that it has ever shown. */
  readonly told = new Set<string>();
  /** When it last had to begin anew, in milliseconds since the epoch. */
  anewAt = 0;
  readonly wrong: string[] = [];
  readonly counts = { messages: 0, resumed: 0, anew: 0, cuts: 0 };

  constructor(urlOf: () => string, channel = 'ch_1') {
    this.#urlOf = urlOf;
    this.#channel = channel;
    this.#connect();
  }

  cut(): void {
    this.#ws?.terminate();
  }

  end(): void {
    this.#isOver = true;
    this.cut();
  }

  #connect(): void {
    if (this.#isOver) return;
    const ws = new WebSocket(this.#urlOf(), ['beamify.live.v1']);
    this.#ws = ws;
    ws.on('open', () => {
      const from = this.#position === undefined ? {} : this.#position;
      ws.send(JSON.stringify({ op: 'hello', v: 1, subs: [{ ch: this.#channel, ...from }] }));
    });
    ws.on('message', (data) => this.#take(JSON.parse(String(data)) as JsonObject));
    ws.on('error', () => undefined);
    ws.on('close', () => {
      this.counts.cuts += 1;
      setTimeout(() => this.#connect(), 50 + Math.random() * 400);
    });
  }

  #take(frame: JsonObject): void {
    const { op, epoch, seq, rec } = frame;
    if (op === 'ping') this.#ws?.send('{"op":"pong"}');
    if (op === 'joined' && rec === true) this.counts.resumed += 1;
    if (op === 'snap') {
      this.counts.anew += 1;
      this.anewAt = Date.now();
      this.#position = { epoch: String(epoch), seq: Number(seq) };
      this.shown.clear();
      this.#show(frame);
    }
    if (op === 't') this.#tick(frame);
  }

  #tick(frame: JsonObject): void {
    const { p, q } = frame;
    const here = this.#position;
    if (here?.seq !== p) this.wrong.push(`at ${JSON.stringify(here)} came a tick behind ${String(p)}`);
    const numbers = numbersOf(frame);
    const expected = Array.from({ length: Number(q) - Number(p) }, (_, n) => Number(p) + 1 + n);
    if (numbers.join() !== expected.join()) this.wrong.push(`${numbers.join()} in place of ${expected.join()}`);
    this.#position = { epoch: here?.epoch ?? '', seq: Number(q) };
    this.#show(frame);
  }

  #show({ ev }: JsonObject): void {
    for (const { k, id } of (ev ?? []) as JsonObject[]) {
      if (k === 'd') this.shown.delete(String(id));
      if (k !== 'm') continue;
      this.counts.messages += 1;
      if (this.shown.has(String(id))) this.wrong.push(`${String(id)} was told twice`);
      this.shown.add(String(id));
      this.told.add(String(id));
    }
  }
}
