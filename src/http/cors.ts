/**
 * Headers of every response, also of errors: browsers hide a response without them.
 * Source: https://spec.matrix.org/v1.19/client-server-api/#web-browser-clients
 */
export const CORS_HEADERS: readonly string[] = [
  'Access-Control-Allow-Origin',
  '*',
  'Access-Control-Allow-Methods',
  'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS',
  'Access-Control-Allow-Headers',
  'X-Requested-With, Content-Type, Authorization, If-Match, If-None-Match, Range, X-Request-Id',
  'Access-Control-Expose-Headers',
  'ETag, Retry-After, Location, Content-Disposition, Content-Range, X-Request-Id',
];

/** Those of an answer to `OPTIONS`, which browsers may keep for a day. */
export const PREFLIGHT_HEADERS: readonly string[] = [...CORS_HEADERS, 'Access-Control-Max-Age', '86400'];
