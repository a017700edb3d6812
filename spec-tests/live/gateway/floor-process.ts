/**
 * The least that a live room of this kind costs on this machine: Node, its HTTP server and `ws`, and one frame written to
 * all sockets a tick. Nobody is admitted, numbered, caught up or asked whether they are there. Beside the rows of
 * `bench/live-hub.ts` it tells a slow machine from slow code.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { textFrame } from '../../../src/live/hub/sockets/frames.ts';

const [TICK_MS, SLICE] = [280, 250];
const sockets = new Set<Duplex>();
let said: string[] = [];
let last = 0;

const server = new WebSocketServer({
  ...{ noServer: true, clientTracking: false, maxPayload: 8192, perMessageDeflate: false },
  handleProtocols: () => 'beamify.live.v1',
});
const http = createServer((incoming, response) => {
  const chunks: Buffer[] = [];
  incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
  incoming.on('end', () => {
    said.push(String(Buffer.concat(chunks)));
    response.writeHead(200).end('{}');
  });
});
http.on('upgrade', (incoming, socket, head) => {
  server.handleUpgrade(incoming, socket, head, (ws) => {
    ws.on('message', () => {
      const place = `"epoch":"floor","seq":${last},"q":${last},"rec":true`;
      socket.write(Buffer.concat([textFrame(`{"op":"joined",${place}}`), textFrame(`{"op":"snap",${place}}`)]));
      sockets.add(socket);
    });
    ws.on('error', () => undefined);
    ws.on('close', () => sockets.delete(socket));
  });
});

setInterval(() => {
  if (said.length === 0) return;
  last += said.length;
  const frame = textFrame(`{"op":"t","q":${last},"ev":[${said.join()}]}`);
  said = [];
  write([...sockets], frame);
}, TICK_MS);

function write(rest: readonly Duplex[], frame: Buffer): void {
  for (const socket of rest.slice(0, SLICE)) if (!socket.destroyed) socket.write(frame);
  if (rest.length > SLICE) setImmediate(() => write(rest.slice(SLICE), frame));
}

http.listen(0, '127.0.0.1', () => {
  const at = `127.0.0.1:${(http.address() as AddressInfo).port}`;
  console.log(JSON.stringify({ url: `ws://${at}/`, base: `http://${at}` }));
});
