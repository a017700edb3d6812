/** Why something was not done: a code, a text for people, and after what time it may be tried again. */
export class LiveError extends Error {
  override readonly name = 'LiveError';
  readonly code: string;
  readonly retryMs: number | undefined;

  constructor(code: string, message: string, retryMs?: number) {
    super(message);
    this.code = code;
    this.retryMs = retryMs;
  }
}

/** What was asked may have been done, or not. */
export function cutOff(): LiveError {
  return new LiveError('cut', 'There is no connection');
}
