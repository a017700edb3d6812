import type { IncomingMessage, ServerResponse } from 'node:http';
import { makeCa, type TestCa } from './certificates.ts';
import type { Options } from './engines.ts';
import { type Peer, startPeer } from './peer.ts';

/** A push gateway on this machine, with TLS. */
export interface TestGateway {
  readonly url: string;
  /** What it was told, in order. */
  // biome-ignore lint/suspicious/noExplicitAny: tests read notifications field by field
  readonly told: any[];
  /** How it answers from now on. */
  answer: { status: number; rejected?: readonly string[] };
  /** What lets a homeserver reach it. */
  readonly options: Options;
  stop(): Promise<void>;
}

/** Skips the suite where openssl is missing. */
export async function startTestGateway(context: Mocha.Context): Promise<TestGateway> {
  const ca: TestCa = makeCa(context);
  // biome-ignore lint/suspicious/noExplicitAny: as above
  const told: any[] = [];
  const respond = async (request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    told.push(JSON.parse(Buffer.concat(chunks).toString()).notification);
    response.writeHead(gateway.answer.status, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ rejected: gateway.answer.rejected ?? [] }));
  };
  const peer: Peer = await startPeer((request, response) => void respond(request, response), {
    certificate: ca.issue('127.0.0.1'),
  });
  const gateway: TestGateway = {
    url: `https://127.0.0.1:${peer.port}/_matrix/push/v1/notify`,
    told,
    answer: { status: 200 },
    options: { outgoing: { allow: ['127.0.0.0/8'], ca_files: [ca.file], public_cas: false } },
    async stop() {
      await peer.close();
      ca.remove();
    },
  };
  return gateway;
}
