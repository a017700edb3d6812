import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { contentText } from '../../src/federation/signed-client/request-text.ts';
import { signRequest } from '../../src/federation/signed-client/sign-request.ts';
import type { ServerName } from '../../src/protocol/identifiers/server-name.ts';
import type { JsonObject } from '../../src/protocol/json.ts';
import { signJson } from '../../src/protocol/signing/sign-json.ts';
import { type SigningKey, signingKeyFromSeed } from '../../src/protocol/signing/signing-key.ts';
import { systemRandom } from '../../src/util/random.ts';
import type { TestCa } from './certificates.ts';
import { type Peer, startPeer } from './peer.ts';
import type { TestClock } from './test-clock.ts';
import type { Answered } from './test-homeserver.ts';

/** A request as {@link ScriptedServer.ask} sends it. */
export interface ScriptedRequest {
  readonly method?: string;
  readonly uri: string;
  readonly content?: JsonObject;
  /** In place of the header that is right. */
  readonly authorization?: string | readonly string[];
  /** In place of `content`: what is sent, which is not what was signed. */
  readonly body?: string;
}

/** Another homeserver, which does what a test tells it, right or wrong: it has a name, TLS and a key. */
export interface ScriptedServer {
  readonly serverName: ServerName;
  key: SigningKey;
  readonly peer: Peer;
  /** Its document of keys; signed with {@link key} where it is not replaced. */
  keys: () => JsonObject;
  /** Answers whatever else it is asked. */
  answer: (request: IncomingMessage, response: ServerResponse) => void;
  /** Answers `GET /_matrix/key/v2/server`. */
  answerKeys: (request: IncomingMessage, response: ServerResponse) => void;
  /** Asks a homeserver of the test, signed with {@link key}. */
  ask(destination: string, request: ScriptedRequest): Promise<Answered>;
  close(): Promise<void>;
}

/** Sends JSON. */
export function reply(response: ServerResponse, body: unknown, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

/** What was sent with a request, as text. */
export async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text;
}

/** A key that no other test has. */
export function freshKey(version = 'a'): SigningKey {
  return signingKeyFromSeed(systemRandom.bytes(32), version);
}

/** @param clock for how long its keys are valid: a day from the time that it shows. */
export async function startScriptedServer(ca: TestCa, clock: TestClock): Promise<ScriptedServer> {
  const peer = await startPeer(
    (request, response) => {
      if (request.url === '/_matrix/key/v2/server') server.answerKeys(request, response);
      else server.answer(request, response);
    },
    { certificate: ca.issue('localhost') },
  );
  const serverName = `localhost:${peer.port}` as ServerName;
  const server: ScriptedServer = {
    serverName,
    key: freshKey(),
    peer,
    keys: () =>
      signJson(
        {
          server_name: serverName,
          verify_keys: { [server.key.keyId]: { key: server.key.publicKey } },
          old_verify_keys: {},
          valid_until_ts: clock.now() + 24 * 3_600_000,
        },
        serverName,
        server.key,
      ),
    answer: (_request, response) => reply(response, { errcode: 'M_UNRECOGNIZED', error: 'Not in the script' }, 404),
    answerKeys: (_request, response) => reply(response, server.keys()),
    ask(destination, { method = 'GET', uri, content, authorization, body }) {
      const text = content === undefined ? undefined : contentText(content);
      const signed = { method, uri, origin: serverName, destination: destination as ServerName };
      return send(ca, destination, {
        method,
        uri,
        body: body ?? text,
        authorization:
          authorization ?? signRequest({ ...signed, ...(text === undefined ? {} : { content: text }) }, server.key),
      });
    },
    close: () => peer.close(),
  };
  return server;
}

/** Sends a request by TLS, trusting the authority of the test alone. */
export function send(
  ca: TestCa,
  destination: string,
  {
    method = 'GET',
    uri,
    body,
    authorization,
  }: {
    readonly method?: string;
    readonly uri: string;
    readonly body?: string | undefined;
    readonly authorization?: string | readonly string[];
  },
): Promise<Answered> {
  const [host = '', port] = destination.split(':');
  return new Promise((resolve, reject) => {
    const request = httpsRequest(
      { host, port, method, path: uri, ca: readFileSync(ca.file), agent: false },
      (response) => {
        bodyOf(response).then((text) => resolve(answered(response, text)), reject);
      },
    );
    if (authorization !== undefined) request.setHeader('authorization', authorization);
    request.on('error', reject).end(body);
  });
}

function answered(response: IncomingMessage, text: string): Answered {
  const headers = new Headers();
  for (const [name, value] of Object.entries(response.headers)) headers.set(name, String(value));
  const isJson = response.headers['content-type']?.includes('json') ?? false;
  return { status: response.statusCode ?? 0, headers, body: isJson ? JSON.parse(text) : text };
}
