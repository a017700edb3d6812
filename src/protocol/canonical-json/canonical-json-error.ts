export type CanonicalJsonProblem =
  | 'syntax'
  | 'utf-8'
  | 'too-deep'
  | 'duplicate-key'
  | 'lone-surrogate'
  | 'not-an-integer'
  | 'integer-out-of-range'
  | 'not-json';

/** JSON that has no canonical form. The message is fit for the client that sent it. */
export class CanonicalJsonError extends Error {
  readonly reason: CanonicalJsonProblem;
  /** Where it is, as `content.info[2].size`; empty for the whole value. */
  readonly path: string;

  constructor(reason: CanonicalJsonProblem, text: string, path = '') {
    super(path === '' ? text : `${path}: ${text}`);
    this.name = 'CanonicalJsonError';
    this.reason = reason;
    this.path = path;
  }
}
