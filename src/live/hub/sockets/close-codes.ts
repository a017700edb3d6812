/** Why the server closes a viewer's socket. */
export const CLOSE = {
  internal: 4000,
  badFrame: 4001,
  tooLarge: 4002,
  badTicket: 4003,
  notViewable: 4004,
  noHello: 4006,
  tooManySockets: 4007,
  slow: 4008,
  silent: 4009,
  draining: 4010,
  banned: 4011,
  full: 4012,
  tooManyFrames: 4013,
  wrongVersion: 4014,
} as const;

export type CloseCode = (typeof CLOSE)[keyof typeof CLOSE];

/** After which a client goes on where it was; after the others it has to change something first. */
const RESUMABLE: ReadonlySet<CloseCode> = new Set([
  ...[CLOSE.internal, CLOSE.noHello, CLOSE.slow, CLOSE.silent, CLOSE.draining, CLOSE.full, CLOSE.tooManyFrames],
]);

/** The frame `bye` that goes before the close. */
export function byeText(code: CloseCode, retryMs?: number, url?: string): string {
  const bye = { op: 'bye', code, resume: RESUMABLE.has(code), retry_ms: retryMs, url };
  return JSON.stringify(bye);
}
