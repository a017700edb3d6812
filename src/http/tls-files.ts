import { readFileSync } from 'node:fs';

/** A certificate with those between it and an authority, and its key; both PEM. */
export interface TlsPair {
  readonly cert: string;
  readonly key: string;
}

/** The files of a certificate, which somebody renews now and then. */
export class TlsFiles {
  readonly #certificate: string;
  readonly #key: string;
  #last: TlsPair;

  constructor(certificate: string, key: string) {
    this.#certificate = certificate;
    this.#key = key;
    this.#last = this.#read();
  }

  get pair(): TlsPair {
    return this.#last;
  }

  /** What is in the files if that has changed. Throws if they cannot be read. */
  renewed(): TlsPair | undefined {
    const now = this.#read();
    if (now.cert === this.#last.cert && now.key === this.#last.key) return undefined;
    this.#last = now;
    return now;
  }

  #read(): TlsPair {
    return { cert: readFileSync(this.#certificate, 'utf8'), key: readFileSync(this.#key, 'utf8') };
  }
}
