import type { OutgoingClient } from '../../outgoing/outgoing-client.ts';
import { OutgoingError } from '../../outgoing/outgoing-error.ts';
import { MatrixError } from '../../protocol/errors.ts';
import type { JsonValue } from '../../protocol/json.ts';
import type { Clock } from '../../util/clock.ts';
import type { Appservice } from './appservices.ts';

/** As much of a bad answer as the application service is told. */
const SHOWN_LENGTH = 1_000;

/** Talks to application services. */
export class AppserviceClient {
  private readonly client: Pick<OutgoingClient, 'send'>;
  private readonly clock: Clock;
  private readonly settings: { readonly timeout: number; readonly queryTimeout: number };

  /** @param settings milliseconds that they have to take what they are told, and to answer */
  constructor(client: Pick<OutgoingClient, 'send'>, clock: Clock, settings: { timeout: number; queryTimeout: number }) {
    this.client = client;
    this.clock = clock;
    this.settings = settings;
  }

  /**
   * Tells an application service what happened; the same again under the same id. Answers the status of its answer.
   * Source: https://spec.matrix.org/v1.19/application-service-api/#put_matrixappv1transactionstxnid
   * @throws OutgoingError
   */
  async transaction({ url, hsToken }: Appservice, txnId: string, body: string, signal: AbortSignal): Promise<number> {
    const { status } = await this.client.send({
      url: `${url}/_matrix/app/v1/transactions/${encodeURIComponent(txnId)}`,
      method: 'PUT',
      headers: { authorization: `Bearer ${hsToken}`, 'content-type': 'application/json' },
      body,
      purpose: 'appservice',
      allowPlainHttp: true,
      timeoutMs: this.settings.timeout,
      signal,
    });
    return status;
  }

  /**
   * What an application service answers to a question, as JSON; undefined if it has no good answer.
   * @param path below `/_matrix/app/v1`
   * @throws OutgoingError
   */
  async query({ url, hsToken }: Appservice, path: string): Promise<JsonValue | undefined> {
    const { status, body } = await this.client.send({
      url: `${url}/_matrix/app/v1${path}`,
      headers: { authorization: `Bearer ${hsToken}` },
      purpose: 'appservice',
      allowPlainHttp: true,
      timeoutMs: this.settings.queryTimeout,
    });
    if (status < 200 || status >= 300) return undefined;
    try {
      return JSON.parse(body.toString('utf8')) as JsonValue;
    } catch (error) {
      if (error instanceof SyntaxError) return undefined;
      throw error;
    }
  }

  /**
   * Asks an application service whether it is there. Answers how long that took, in milliseconds.
   * Source: https://spec.matrix.org/v1.19/application-service-api/#pinging
   * @throws M_URL_NOT_SET, M_BAD_STATUS, M_CONNECTION_FAILED, M_CONNECTION_TIMEOUT
   */
  async ping({ url, hsToken }: Appservice, transactionId: string | undefined): Promise<number> {
    if (url === undefined) throw new MatrixError('M_URL_NOT_SET');
    const before = this.clock.now();
    try {
      const { status, body } = await this.client.send({
        url: `${url}/_matrix/app/v1/ping`,
        method: 'POST',
        headers: { authorization: `Bearer ${hsToken}`, 'content-type': 'application/json' },
        body: JSON.stringify(transactionId === undefined ? {} : { transaction_id: transactionId }),
        purpose: 'appservice',
        allowPlainHttp: true,
      });
      if (status >= 200 && status < 300) return this.clock.now() - before;
      const shown = body.toString('utf8').slice(0, SHOWN_LENGTH);
      throw new MatrixError('M_BAD_STATUS', undefined, { extra: { status, body: shown } });
    } catch (error) {
      if (!(error instanceof OutgoingError)) throw error;
      throw new MatrixError(error.kind === 'timeout' ? 'M_CONNECTION_TIMEOUT' : 'M_CONNECTION_FAILED', undefined, {
        cause: error,
      });
    }
  }
}
