import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { CORS_HEADERS } from './cors.ts';
import type { Answer } from './endpoint.ts';
import { JSON_TYPE, Reply } from './reply.ts';

/**
 * Sends an answer.
 *
 * @returns bytes of the body; a promise of them only if the body is a stream.
 */
export function send(response: ServerResponse, answer: Answer, requestId: string): number | Promise<number> {
  const head = [...CORS_HEADERS, 'X-Request-Id', requestId];
  if (!(answer instanceof Reply)) {
    head.push('Content-Type', JSON_TYPE, 'Cache-Control', 'no-store');
    return sendText(response, 200, head, JSON.stringify(answer));
  }
  const { body, headers, status } = answer;
  let isCacheable = false;
  for (const name in headers) {
    head.push(name, headers[name] ?? '');
    isCacheable ||= name.toLowerCase() === 'cache-control';
  }
  if (!isCacheable) head.push('Cache-Control', 'no-store');
  if (body instanceof Readable) return sendStream(response, status, head, body);
  if (body === undefined) {
    response.writeHead(status, head).end();
    return 0;
  }
  return sendText(response, status, head, body);
}

function sendText(response: ServerResponse, status: number, head: string[], body: string | Buffer): number {
  const length = Buffer.byteLength(body);
  head.push('Content-Length', String(length));
  response.writeHead(status, head).end(body);
  return length;
}

async function sendStream(response: ServerResponse, status: number, head: string[], body: Readable): Promise<number> {
  if (response.req.method === 'HEAD') {
    body.destroy();
    response.writeHead(status, head).end();
    return 0;
  }
  let length = 0;
  body.on('data', (chunk: Buffer) => {
    length += chunk.length;
  });
  response.writeHead(status, head);
  await pipeline(body, response);
  return length;
}
