/** A gateway that says what a test has it say, on a real port. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import type { JsonObject } from '../../../src/protocol/json.ts';

/** A connection of a client, and what it has said. */
export class Caller {
  readonly #socket: WebSocket;
  readonly said: JsonObject[] = [];

  constructor(socket: WebSocket, onFrame: (caller: Caller, frame: JsonObject) => void) {
    this.#socket = socket;
    socket.on('message', (data) => {
      const frame = JSON.parse(String(data)) as JsonObject;
      this.said.push(frame);
      onFrame(this, frame);
    });
  }

  get hello(): JsonObject {
    return this.said[0] ?? {};
  }

  tell(frame: JsonObject): void {
    this.#socket.send(JSON.stringify(frame));
  }

  /** Lets the client into its channels, as nobody has said anything. */
  letIn(secret = 'secret', you: JsonObject = { role: 'viewer', badges: [], can: true }): void {
    this.tell({ op: 'welcome', sid: 's', v: 1, hb: 25_000, resume: secret });
    for (const [n, sub] of ((this.hello['subs'] ?? []) as JsonObject[]).entries()) {
      const { ch = '', epoch, seq } = sub;
      const r = n + 1;
      this.tell({ op: 'joined', r, ch, room: '!r:s', epoch: 'e', seq: seq ?? 0, rec: epoch !== undefined, you });
      if (epoch === undefined) this.tell({ op: 'snap', r, epoch: 'e', seq: 0, st: 1000, ev: [], set: {}, a: {} });
    }
  }

  close(code: number): void {
    this.#socket.close(code);
  }
}

export class ScriptedGateway {
  readonly callers: Caller[] = [];
  readonly #server: Server;
  readonly #sockets: WebSocketServer;
  /** What is done with each `hello`; at first it is welcome. */
  onHello: (caller: Caller) => void = (caller) => caller.letIn();
  #wake: () => void = () => undefined;

  private constructor(server: Server) {
    this.#server = server;
    this.#sockets = new WebSocketServer({ server });
    this.#sockets.on('connection', (socket) => {
      const caller = new Caller(socket, (_, frame) => {
        if (frame['op'] === 'hello') this.onHello(caller);
        this.#wake();
      });
      this.callers.push(caller);
    });
  }

  static async start(): Promise<ScriptedGateway> {
    const server = createServer((_request, response) => response.writeHead(503).end());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new ScriptedGateway(server);
  }

  get url(): string {
    return `ws://127.0.0.1:${(this.#server.address() as AddressInfo).port}/gateway`;
  }

  /** Waits until something that clients have said makes it so. */
  async until(isSo: () => boolean): Promise<void> {
    while (!isSo()) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** The connection of this number, from 0, once it has said hello. */
  async caller(number: number): Promise<Caller> {
    await this.until(() => (this.callers[number]?.said.length ?? 0) > 0);
    return this.callers[number] as Caller;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets.clients) socket.terminate();
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }
}
