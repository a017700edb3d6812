/** A TCP proxy in front of a server, which can cut what goes through it, or keep back what comes from the server. */

import type { AddressInfo } from 'node:net';
import { connect, createServer, type Server, type Socket } from 'node:net';

export class CutProxy {
  readonly #server: Server;
  readonly #portOf: () => number;
  readonly #sockets = new Set<Socket>();
  #isCut = false;
  #isMute = false;

  private constructor(portOf: () => number) {
    this.#portOf = portOf;
    this.#server = createServer((near) => this.#join(near));
  }

  /** `portOf`: where the server listens now. */
  static async start(portOf: () => number): Promise<CutProxy> {
    const proxy = new CutProxy(portOf);
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Breaks all connections and takes no more, until {@link heal}. */
  cut(): void {
    this.#isCut = true;
    this.#break();
  }

  /** Lets nothing through that the server says, until {@link heal}, which breaks these connections. */
  mute(): void {
    this.#isMute = true;
  }

  heal(): void {
    if (this.#isMute) this.#break();
    this.#isCut = false;
    this.#isMute = false;
  }

  async stop(): Promise<void> {
    this.cut();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #break(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#sockets.clear();
  }

  #join(near: Socket): void {
    if (this.#isCut) {
      near.destroy();
      return;
    }
    const far = connect(this.#portOf(), '127.0.0.1');
    near.on('data', (data) => far.write(data));
    far.on('data', (data) => {
      if (!this.#isMute) near.write(data);
    });
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(socket);
      socket.on('error', () => other.destroy());
      socket.once('close', () => {
        this.#sockets.delete(socket);
        other.destroy();
      });
    }
  }
}
