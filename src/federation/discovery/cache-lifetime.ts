/** Bounds of the time for which a delegation is believed, in milliseconds. */
export const LEAST_LIFETIME_MS = 5 * 60_000;
export const STANDARD_LIFETIME_MS = 24 * 3_600_000;
export const MOST_LIFETIME_MS = 48 * 3_600_000;

/**
 * For how long an answer may be kept, by its `Cache-Control` or `Expires`: at least five minutes, at most 48 hours, and
 * 24 hours where it says nothing.
 * Source: https://spec.matrix.org/v1.19/server-server-api/#resolving-server-names
 *
 * @param header a header of the answer by its name.
 */
export function cacheLifetime(header: (name: string) => string | undefined, now: number): number {
  const wished = wishedLifetime(header, now);
  return Math.min(MOST_LIFETIME_MS, Math.max(LEAST_LIFETIME_MS, wished));
}

function wishedLifetime(header: (name: string) => string | undefined, now: number): number {
  const control = (header('cache-control') ?? '')
    .toLowerCase()
    .split(',')
    .map((directive) => directive.trim());
  if (control.includes('no-store') || control.includes('no-cache')) return 0;
  const age = control
    .map((directive) => /^max-age="?(\d{1,15})"?$/.exec(directive)?.[1])
    .find((found) => found !== undefined);
  if (age !== undefined) return Number(age) * 1000;
  const expires = header('expires');
  if (expires === undefined) return STANDARD_LIFETIME_MS;
  const at = Date.parse(expires);
  // What is no date means that it has expired already (RFC 9111, section 5.3).
  return Number.isNaN(at) ? 0 : at - now;
}
