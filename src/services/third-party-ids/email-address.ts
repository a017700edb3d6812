import { invalidParam } from '../../protocol/errors.ts';

/** Mail servers take more, but people have addresses like these. */
const ADDRESS =
  /^[^\s@"<>(),:;[\]\\]{1,64}@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/**
 * The form in which addresses are compared and stored.
 * Source: https://spec.matrix.org/v1.19/appendices/#e-mail-addresses
 *
 * @throws 400 `M_INVALID_PARAM`
 */
export function emailAddress(text: string): string {
  const address = text.trim().toLowerCase();
  if (address.length > 254 || !ADDRESS.test(address)) throw invalidParam('This is no e-mail address');
  return address;
}
