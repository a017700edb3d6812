/** What a page said of itself when it was fetched. */
export interface UrlPreviewRow {
  /** A hash of its address. */
  readonly url_key: Uint8Array;
  /** Milliseconds since the epoch. */
  readonly fetched_at: number;
  /** JSON of an object. */
  readonly preview: string;
  /** Its picture, a file of this server. */
  readonly media_id: string | null;
}

export interface UrlPreviewStore {
  latest(urlKey: Uint8Array): Promise<UrlPreviewRow | undefined>;
  count(): Promise<number>;
  oldest(limit: number): Promise<UrlPreviewRow[]>;
}

declare module './write-set.ts' {
  interface Mutations {
    'url_previews.insert': UrlPreviewRow;
    'url_previews.delete': { url_key: Uint8Array; fetched_at: number };
  }
}
