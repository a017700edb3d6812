import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Certificate, makeCa, type TestCa } from '../../../support/certificates.ts';
import { type Peer, startPeer } from '../../../support/peer.ts';

/** A transaction as a server received it. */
export interface ReceivedTransaction {
  readonly id: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests read what was sent field by field
  readonly pdus: readonly any[];
  // biome-ignore lint/suspicious/noExplicitAny: tests read what was sent field by field
  readonly edus: readonly any[];
}

/** What a server does with a transaction: answers, as it stands, or nothing at all. */
export type Reaction = { readonly status: number; readonly body?: string } | 'hang' | 'hang up';

const WELL: Reaction = { status: 200, body: '{"pdus":{}}' };

/** Another server that receives transactions and does with them what the test says. */
export class ScriptedServer {
  readonly received: ReceivedTransaction[] = [];
  /** What it does with each; by default it is content. */
  react: (transaction: ReceivedTransaction) => Reaction = () => WELL;
  /** Greatest number of transactions that it had at the same time. */
  atOnce = 0;
  private now = 0;
  private awaited: { count: number; resolve: () => void }[] = [];

  private constructor(private peer: Peer | undefined) {}

  static async start(certificate: Certificate): Promise<ScriptedServer> {
    const server: ScriptedServer = new ScriptedServer(undefined);
    server.peer = await startPeer((request, response) => server.answer(request, response), { certificate });
    return server;
  }

  get port(): number {
    return this.peer!.port;
  }

  close(): Promise<void> {
    return this.peer!.close();
  }

  /** Resolves when so many transactions have come in all. */
  async receives(count: number): Promise<void> {
    if (this.received.length >= count) return;
    await new Promise<void>((resolve) => this.awaited.push({ count, resolve }));
  }

  /** Bodies of the messages in all transactions that it was content with. */
  get messages(): unknown[] {
    return this.accepted.flatMap(({ pdus }) => pdus.map(({ content }) => content.body ?? content.membership));
  }

  readonly accepted: ReceivedTransaction[] = [];

  private answer(request: IncomingMessage, response: ServerResponse): void {
    const chunks: Buffer[] = [];
    this.now += 1;
    this.atOnce = Math.max(this.atOnce, this.now);
    response.on('close', () => {
      this.now -= 1;
    });
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { pdus, edus } = JSON.parse(Buffer.concat(chunks).toString());
      const transaction = { id: request.url!.split('/').at(-1)!, pdus, edus };
      const reaction = this.react(transaction);
      this.received.push(transaction);
      if (reaction === 'hang up') request.socket.destroy();
      else if (reaction !== 'hang') {
        if (reaction.status === 200 && reaction.body?.startsWith('{')) this.accepted.push(transaction);
        response.writeHead(reaction.status).end(reaction.body ?? '{}');
      }
      for (const { resolve } of this.awaited.filter(({ count }) => count <= this.received.length)) resolve();
    });
  }
}

export { makeCa, type TestCa };
