import { createServer as createHttp, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createHttps } from 'node:https';
import { type AddressInfo, createServer as createTcp, type Server, type Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Certificate } from './certificates.ts';

/** Another server, on a loopback address and a free port. */
export interface Peer {
  readonly address: string;
  readonly port: number;
  /** Connections so far. */
  readonly connections: number;
  /** Requests so far, in order. */
  readonly requests: readonly PeerRequest[];
  close(): Promise<void>;
}

export interface PeerRequest {
  readonly method: string;
  readonly target: string;
  readonly host: string;
  /** The name that the client asked for in TLS; false without one. */
  readonly sni: string | false | null | undefined;
  readonly headers: IncomingMessage['headers'];
}

async function listening(
  server: Server,
  address: string,
): Promise<{ address: string; port: number; connections(): number; close(): Promise<void> }> {
  const sockets = new Set<Socket>();
  let connections = 0;
  server.on('connection', (socket: Socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('error', () => socket.destroy()).once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, address, resolve));
  return {
    address,
    port: (server.address() as AddressInfo).port,
    connections: () => connections,
    close() {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

/** An HTTP server, with TLS if there is a certificate. */
export async function startPeer(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
  options: { readonly certificate?: Certificate; readonly address?: string } = {},
): Promise<Peer> {
  const requests: PeerRequest[] = [];
  const listener: RequestListener = (request, response) => {
    requests.push({
      method: request.method ?? '',
      target: request.url ?? '',
      host: request.headers.host ?? '',
      sni: (request.socket as TLSSocket).servername,
      headers: request.headers,
    });
    answer(request, response);
  };
  const { certificate } = options;
  const server = certificate === undefined ? createHttp(listener) : createHttps({ ...certificate }, listener);
  const bound = await listening(server, options.address ?? '127.0.0.1');
  return {
    ...bound,
    get connections() {
      return bound.connections();
    },
    requests,
  };
}

/** A server that does to each connection what it is told, without HTTP. */
export async function startRawPeer(onConnection: (socket: Socket) => void, address = '127.0.0.1'): Promise<Peer> {
  const bound = await listening(createTcp(onConnection), address);
  return {
    ...bound,
    get connections() {
      return bound.connections();
    },
    requests: [],
  };
}
