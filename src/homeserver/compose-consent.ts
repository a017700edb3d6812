/** Composes what has people agree to terms who did not when they registered. */
import type { Config } from '../config/schema.ts';
import type { SigningKey } from '../protocol/signing/signing-key.ts';
import type { Admission } from '../services/admission/admission.ts';
import { Consent, type ConsentParts } from '../services/consent/consent.ts';
import type { Loggers } from '../util/logger.ts';
import { noticesUserOf } from './compose-server-notices.ts';

export type ConsentFoundations = Pick<ConsentParts, 'storage' | 'notices' | 'serverNotices'> & {
  readonly config: Config;
  readonly loggers: Loggers;
  readonly admission: Admission;
  readonly signingKey: SigningKey;
};

/** @param on with the signing key, from which comes what nobody else knows and what is the same after a restart */
export function composeConsent(on: ConsentFoundations) {
  const { config, admission } = on;
  const { terms, termsForAll: isAsked } = config.registration;
  const consent = new Consent({
    ...{ ...on, logger: on.loggers.named('accounts'), serverName: config.serverName, baseUrl: config.publicBaseUrl },
    secret: on.signingKey.sign('agreeing to terms'),
    settings: { terms, isAsked, noticesUser: noticesUserOf(config), remembered: config.limits.sessionCacheEntries },
  });
  if (consent.isAsked) admission.register(consent);
  return { consent };
}
