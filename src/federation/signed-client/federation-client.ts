import type { OpenAnswer, OutgoingAnswer } from '../../outgoing/answer.ts';
import type { Route } from '../../outgoing/dial.ts';
import type { OutgoingClient } from '../../outgoing/outgoing-client.ts';
import { isConnectFailure, OutgoingError } from '../../outgoing/outgoing-error.ts';
import type { RoutedMessage } from '../../outgoing/outgoing-request.ts';
import type { ServerName } from '../../protocol/identifiers/server-name.ts';
import type { JsonObject } from '../../protocol/json.ts';
import type { SigningKey } from '../../protocol/signing/signing-key.ts';
import type { ServerDiscovery } from '../discovery/server-discovery.ts';
import { jsonObject, RemoteError, remoteError } from './remote-error.ts';
import { contentText } from './request-text.ts';
import { signRequest } from './sign-request.ts';

/** A request to another server. */
export interface FederationRequest {
  readonly destination: ServerName;
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Path and query, percent-encoded; see `uri.ts`. */
  readonly uri: string;
  /** The body. */
  readonly content?: JsonObject;
  /** False for the few endpoints that are open to all. Default true. */
  readonly signed?: boolean;
  readonly timeoutMs?: number;
  /** Of the answer. */
  readonly maxBytes?: number;
  readonly signal?: AbortSignal;
}

/** In whose name is asked, and who may be. */
export interface FederationSigner {
  readonly serverName: ServerName;
  readonly key: SigningKey;
  /** Servers that are spoken with; all if left out. */
  readonly servers?: { has(server: ServerName): boolean };
}

/** Asks other servers, in the name of this one. */
export class FederationClient {
  readonly #client: OutgoingClient;
  readonly #discovery: ServerDiscovery;
  readonly #signer: FederationSigner;

  constructor(client: OutgoingClient, discovery: ServerDiscovery, signer: FederationSigner) {
    this.#client = client;
    this.#discovery = discovery;
    this.#signer = signer;
  }

  /**
   * The object that a server answers. Parsed like all JSON: whoever takes events out of it checks them.
   * @throws OutgoingError if there is no answer, RemoteError if there is another one.
   */
  async ask(request: FederationRequest): Promise<JsonObject> {
    const { body } = await this.askBytes(request);
    const json = jsonObject(body);
    if (json === undefined) throw new RemoteError(request.destination, 200, { text: 'answered no JSON object' });
    return json;
  }

  /** As {@link ask}, of an answer of any form. */
  async askBytes(request: FederationRequest): Promise<OutgoingAnswer> {
    const answer = await this.#send(request, (route, message) => this.#client.sendTo(route, message));
    if (!isSuccess(answer.status)) throw remoteError(request.destination, answer);
    return answer;
  }

  /** As {@link askBytes}, for a body that is read as it comes. */
  async open(request: FederationRequest): Promise<OpenAnswer> {
    const answer = await this.#send(request, (route, message) => this.#client.openTo(route, message));
    if (isSuccess(answer.status)) return answer;
    answer.body.on('error', () => undefined).destroy();
    throw new RemoteError(request.destination, answer.status);
  }

  /** Sends to the first place of the server that can be connected to. */
  async #send<A>(request: FederationRequest, send: (route: Route, message: RoutedMessage) => Promise<A>): Promise<A> {
    if (this.#signer.servers?.has(request.destination) === false) {
      throw new OutgoingError('address-refused', request.destination, 'this server is not spoken with');
    }
    const { targets, hostHeader, certificateName } = await this.#discovery.find(request.destination);
    const message = { ...this.#message(request), hostHeader };
    let failure: unknown;
    for (const { host, port } of targets) {
      try {
        return await send({ protocol: 'https:', host, port, certificateName }, message);
      } catch (error) {
        if (!isConnectFailure(error)) throw error;
        failure = error;
      }
    }
    this.#discovery.doubt(request.destination);
    throw failure;
  }

  #message(request: FederationRequest): Omit<RoutedMessage, 'hostHeader'> {
    const { destination, method, uri, timeoutMs, maxBytes, signal } = request;
    const content = request.content === undefined ? undefined : contentText(request.content);
    const { serverName: origin, key } = this.#signer;
    const headers: Record<string, string> = {};
    const body = content === undefined ? {} : { content };
    if (request.signed ?? true)
      headers['authorization'] = signRequest({ origin, destination, method, uri, ...body }, key);
    if (content !== undefined) headers['content-type'] = 'application/json';
    return {
      purpose: 'federation',
      method,
      target: uri,
      headers,
      ...(content === undefined ? {} : { body: content }),
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
      ...(maxBytes === undefined ? {} : { maxBytes }),
      ...(signal === undefined ? {} : { signal }),
    };
  }
}

function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}
