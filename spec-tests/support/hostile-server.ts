import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Agent, request as httpsRequest } from 'node:https';
import { contentText } from '../../src/federation/signed-client/request-text.ts';
import { signRequest } from '../../src/federation/signed-client/sign-request.ts';
import type { ServerName } from '../../src/protocol/identifiers/server-name.ts';
import type { JsonObject } from '../../src/protocol/json.ts';
import { signJson } from '../../src/protocol/signing/sign-json.ts';
import { type SigningKey, signingKeyFromSeed } from '../../src/protocol/signing/signing-key.ts';
import { type Peer, startPeer } from './peer.ts';
import type { TestFederation, TestPeer } from './test-federation.ts';

/** Answers a request of the server under test; false leaves it to the others. */
export type Script = (request: IncomingMessage, response: ServerResponse, body: string) => boolean;

export interface HostileAnswer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests read answers field by field and assert what they find
  readonly body: any;
}

/** A server that nobody wrote for its own sake: it has a name, a key and TLS like all others, and does what it is told. */
export class HostileServer {
  readonly name: ServerName;
  readonly key: SigningKey;
  /** Tried in order before the server answers by itself: its keys, and 404 to everything else. */
  readonly scripts: Script[] = [];
  private readonly peer: Peer;
  private readonly agent: Agent;

  private constructor(peer: Peer, key: SigningKey, ca: string) {
    this.peer = peer;
    this.name = `localhost:${peer.port}` as ServerName;
    this.key = key;
    this.agent = new Agent({ ca, keepAlive: true });
  }

  static async start(federation: Pick<TestFederation, 'ca'>): Promise<HostileServer> {
    const certificate = federation.ca.issue('localhost', '127.0.0.1');
    // The same for all: another may come to have the port, and so the name, of one that is gone.
    const key = signingKeyFromSeed(Buffer.alloc(32, 13), 'hostile');
    let server: HostileServer | undefined;
    const peer = await startPeer((request, response) => server?.answer(request, response), { certificate });
    server = new HostileServer(peer, key, readFileSync(federation.ca.file, 'utf8'));
    return server;
  }

  /** What it was asked, in order. */
  get requests(): Peer['requests'] {
    return this.peer.requests;
  }

  user(localpart: string): string {
    return `@${localpart}:${this.name}`;
  }

  /** Asks a server. `path` is below `/_matrix/federation/v1`, or absolute if it starts with `/_`. */
  ask(
    server: Pick<TestPeer, 'serverName'>,
    method: 'GET' | 'POST' | 'PUT',
    path: string,
    body?: object,
    as: { readonly name?: string; readonly key?: SigningKey } = {},
  ): Promise<HostileAnswer> {
    const uri = path.startsWith('/_') ? path : `/_matrix/federation/v1${path}`;
    const text = body === undefined ? undefined : contentText(body as JsonObject);
    const authorization = signRequest(
      {
        ...{ method, uri, origin: (as.name ?? this.name) as ServerName, destination: server.serverName as ServerName },
        ...(text === undefined ? {} : { content: text }),
      },
      as.key ?? this.key,
    );
    return this.send(server, method, uri, text, { authorization });
  }

  /** The same with headers of one's own. */
  send(
    server: Pick<TestPeer, 'serverName'>,
    method: string,
    uri: string,
    body: string | undefined,
    headers: Readonly<Record<string, string>>,
  ): Promise<HostileAnswer> {
    const [host, port] = server.serverName.split(':');
    return new Promise((resolve, reject) => {
      const request = httpsRequest({ host, port, path: uri, method, headers, agent: this.agent }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString();
          resolve({ status: response.statusCode ?? 0, body: text === '' ? undefined : JSON.parse(text) });
        });
      });
      request.on('error', reject);
      request.end(body);
    });
  }

  async stop(): Promise<void> {
    this.agent.destroy();
    await this.peer.close();
  }

  private answer(request: IncomingMessage, response: ServerResponse): void {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      if (this.scripts.some((script) => script(request, response, body))) return;
      if (request.url?.startsWith('/_matrix/key/v2/server')) json(response, 200, this.keys());
      else json(response, 404, { errcode: 'M_UNRECOGNIZED', error: 'No' });
    });
  }

  private keys(): JsonObject {
    return signJson(
      {
        server_name: this.name,
        verify_keys: { [this.key.keyId]: { key: this.key.publicKey } },
        old_verify_keys: {},
        valid_until_ts: 4_000_000_000_000,
      },
      this.name,
      this.key,
    );
  }
}

export function json(response: ServerResponse, status: number, body: JsonObject): void {
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
}
