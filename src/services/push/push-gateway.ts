import type { OutgoingClient } from '../../outgoing/outgoing-client.ts';
import { isJsonObject, type JsonValue } from '../../protocol/json.ts';

/** An answer of a push gateway is a short list of pushkeys. */
const ANSWER_MAX = 64 * 1024;

/** A gateway did not take a notification. */
export class PushGatewayError extends Error {
  override readonly name = 'PushGatewayError';
}

/** Tells push gateways of notifications. */
export class PushGateway {
  private readonly client: Pick<OutgoingClient, 'send'>;
  private readonly settings: { readonly requestTimeout: number };

  constructor(client: Pick<OutgoingClient, 'send'>, settings: { readonly requestTimeout: number }) {
    this.client = client;
    this.settings = settings;
  }

  /** Answers the pushkeys that the gateway rejects. @throws PushGatewayError, OutgoingError */
  async notify(url: string, body: string, signal: AbortSignal): Promise<string[]> {
    const answer = await this.client.send({
      method: 'POST',
      url,
      headers: { 'content-type': 'application/json' },
      body,
      purpose: 'push',
      timeoutMs: this.settings.requestTimeout,
      maxBytes: ANSWER_MAX,
      signal,
    });
    if (answer.status < 200 || answer.status >= 300)
      throw new PushGatewayError(`the gateway answered ${answer.status}`);
    return rejectedIn(answer.body.toString());
  }
}

function rejectedIn(text: string): string[] {
  let answer: JsonValue;
  try {
    answer = JSON.parse(text) as JsonValue;
  } catch (error) {
    throw new PushGatewayError('the gateway answered no JSON', { cause: error });
  }
  const rejected = isJsonObject(answer) ? answer['rejected'] : undefined;
  return Array.isArray(rejected) ? rejected.filter((key) => typeof key === 'string') : [];
}
