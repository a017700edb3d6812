import type { Readable } from 'node:stream';

/** What was written. */
export interface WrittenBlob {
  /** Bytes. */
  readonly size: number;
  /** In hexadecimal. */
  readonly sha256: string;
}

/** First and last byte, both included. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/**
 * Files, by keys of the form `folder/id` or `folder/id/name`; ids are of `[A-Za-z0-9_-]` and at least eight characters
 * long, folders and names of `[a-z0-9-]`.
 */
export interface BlobStore {
  /** Writes a file whole or not at all, durably, in place of the one before. Fails with the error of `source`. */
  write(key: string, source: Readable | Uint8Array): Promise<WrittenBlob>;
  /** The file or a part of it; undefined if there is no such file. */
  read(key: string, range?: ByteRange): Promise<Readable | undefined>;
  /** Deletes the file, if there is one. */
  remove(key: string): Promise<void>;
  /** Deletes what writes that never ended have left. */
  sweep(): Promise<void>;
}
