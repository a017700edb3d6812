import type { OutgoingClient } from '../../outgoing/outgoing-client.ts';
import { forbidden, MatrixError, missingParam } from '../../protocol/errors.ts';
import { isJsonObject, type JsonValue } from '../../protocol/json.ts';
import type { Logger } from '../../util/logger.ts';
import { CAPTCHA, type Stage } from './stages.ts';

export interface CaptchaSettings {
  readonly siteKey?: string | undefined;
  readonly secret?: string | undefined;
  readonly service: 'recaptcha' | 'hcaptcha';
  readonly verifyUrl?: string | undefined;
  readonly scriptUrl?: string | undefined;
}

const VERIFY_URLS = {
  recaptcha: 'https://www.recaptcha.net/recaptcha/api/siteverify',
  hcaptcha: 'https://api.hcaptcha.com/siteverify',
};
const MAX_ANSWER = 16 * 1024;
const MAX_BYTES = 64 * 1024;
const TIMEOUT_MS = 10_000;

/** A question that programs cannot answer well. Source: https://spec.matrix.org/v1.19/client-server-api/#google-recaptcha */
export function captchaStage(
  settings: CaptchaSettings & { readonly siteKey: string },
  client: Pick<OutgoingClient, 'send'>,
  logger: Logger,
): Stage {
  return {
    type: CAPTCHA,
    params: { public_key: settings.siteKey },
    async check(auth) {
      const { response } = auth;
      if (typeof response !== 'string' || response === '') throw missingParam('"auth.response" is missing');
      if (response.length > MAX_ANSWER) throw forbidden('The answer is not right');
      let verdict: JsonValue;
      try {
        verdict = await ask(settings, client, response);
      } catch (error) {
        logger.warn({ err: error }, 'nobody says whether the answer to a captcha is right');
        throw new MatrixError('M_UNKNOWN', 'Your answer cannot be checked at the moment', { status: 503 });
      }
      if (isJsonObject(verdict) && verdict['success'] === true) return {};
      logger.info({ verdict }, 'the answer to a captcha is not right');
      throw forbidden('The answer is not right. Try again');
    },
  };
}

async function ask(
  settings: CaptchaSettings,
  client: Pick<OutgoingClient, 'send'>,
  response: string,
): Promise<JsonValue> {
  const { service, secret = '', siteKey = '' } = settings;
  const url = settings.verifyUrl ?? VERIFY_URLS[service];
  const answer = await client.send({
    url,
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
    body: new URLSearchParams({ secret, response, sitekey: siteKey }).toString(),
    // Only where the configuration itself names such an address.
    allowPlainHttp: url.startsWith('http:'),
    purpose: 'captcha',
    timeoutMs: TIMEOUT_MS,
    maxBytes: MAX_BYTES,
  });
  if (answer.status !== 200) throw new Error(`the captcha service answered with ${answer.status}`);
  return JSON.parse(answer.body.toString()) as JsonValue;
}
