import { readFileSync } from 'node:fs';
import { createSecureContext, rootCertificates, type SecureContext } from 'node:tls';

export interface TrustSettings {
  /** PEM files of certificate authorities to trust. */
  readonly caFiles: readonly string[];
  /** Whether the authorities that everybody trusts are trusted beside those of the files. */
  readonly publicCas: boolean;
}

/** The certificate authorities that are trusted, parsed once. */
export function trustedAuthorities(settings: TrustSettings): SecureContext {
  const { caFiles, publicCas } = settings;
  if (caFiles.length === 0 && publicCas) return createSecureContext({ minVersion: 'TLSv1.2' });
  const own = caFiles.map((file) => readFileSync(file, 'utf8'));
  return createSecureContext({ ca: [...(publicCas ? rootCertificates : []), ...own], minVersion: 'TLSv1.2' });
}
