/** A signing key of another server. */
export interface ServerKeyRow {
  readonly server_name: string;
  readonly key_id: string;
  /** Base64. */
  readonly public_key: string;
  /** The last moment at which it may have been used, in milliseconds since the epoch. */
  readonly valid_until_ts: number;
  /** The document that told it last. */
  readonly document_id: string;
}

/** What a server, or a notary for it, has said of its keys: JSON with signatures. */
export interface ServerKeyDocumentRow {
  readonly server_name: string;
  readonly document_id: string;
  readonly json: string;
  readonly learned_at: number;
}

export interface ServerKeyStore {
  keysOf(servers: readonly string[]): Promise<ServerKeyRow[]>;
  /** Documents that told keys which are still remembered, the newest first. */
  documentsOf(servers: readonly string[]): Promise<ServerKeyDocumentRow[]>;
  /** How many keys of all servers there are. */
  count(): Promise<number>;
}

declare module './write-set.ts' {
  interface Mutations {
    'server_keys.put': ServerKeyRow;
    /** Deletes all but the `keep` keys of a server that are valid for longest. */
    'server_keys.trim': { server_name: string; keep: number };
    /**
     * Deletes all keys of some servers, so that at most `keep` are left: first of those that have been in no room of this
     * one, then of those whose keys were valid longest ago.
     */
    'server_keys.trimServers': { keep: number };
    'server_key_documents.put': ServerKeyDocumentRow;
    /** Deletes the documents of a server that no key refers to. */
    'server_key_documents.trim': { server_name: string };
    /** Deletes those of servers of which no key is left. */
    'server_key_documents.trimServers': object;
  }
}
