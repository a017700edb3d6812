export interface LocalMediaRow {
  readonly media_id: string;
  readonly user_id: string;
  /** As the uploader said; nothing vouches for it. */
  readonly content_type: string | null;
  readonly file_name: string | null;
  readonly size: number | null;
  /** Of the content, in hexadecimal. */
  readonly sha256: string | null;
  /** Null until the file is there. */
  readonly uploaded_at: number | null;
  readonly created_at: number;
  readonly expires_at: number | null;
  /** About when it was last asked for; null until the file is there. */
  readonly used_at: number | null;
}

export interface ThumbnailRow {
  readonly media_id: string;
  readonly width: number;
  readonly height: number;
  readonly method: 'crop' | 'scale';
  readonly animated: number;
  readonly content_type: string;
  readonly size: number;
}

/** A file of another server that is kept here for a while. */
export interface RemoteMediaRow {
  readonly server_name: string;
  readonly media_id: string;
  /** Its id among the files and thumbnails of this server. */
  readonly cache_id: string;
  readonly content_type: string | null;
  readonly file_name: string | null;
  readonly size: number;
  readonly sha256: string;
  /** About when it was last asked for. */
  readonly used_at: number;
}

export interface MediaStore {
  get(mediaId: string): Promise<LocalMediaRow | undefined>;
  /** Ids that a user has reserved and neither used nor let expire. */
  countPending(userId: string, now: number): Promise<number>;
  thumbnails(mediaId: string): Promise<ThumbnailRow[]>;
  remote(serverName: string, mediaId: string): Promise<RemoteMediaRow | undefined>;
  /** Files and reserved ids of a user. */
  ofUser(userId: string, limit: number): Promise<LocalMediaRow[]>;
  /** Files that nobody asked for since `before`, the one first for which that is longest. */
  unused(before: number, limit: number): Promise<LocalMediaRow[]>;
  /** Bytes of all files of other servers. */
  remoteSize(): Promise<number>;
  /** Files of other servers that were not asked for longest. */
  leastUsed(limit: number): Promise<RemoteMediaRow[]>;
}

declare module './write-set.ts' {
  interface Mutations {
    'local_media.insert': LocalMediaRow;
    /** A conflict unless the id is reserved, unused and not expired at `uploaded_at`. */
    'local_media.fill': {
      media_id: string;
      content_type: string | null;
      file_name: string | null;
      size: number;
      sha256: string;
      uploaded_at: number;
    };
    /** Deletes reserved ids that expired before `expires_at`. */
    'local_media.expire': { expires_at: number };
    'local_media.use': { media_id: string; used_at: number };
    'local_media.delete': { media_id: string };
    'thumbnails.put': ThumbnailRow;
    'thumbnails.deleteOf': { media_id: string };
    'remote_media.insert': RemoteMediaRow;
    'remote_media.use': { server_name: string; media_id: string; used_at: number };
    /** Deletes the row if it is still that of the file. */
    'remote_media.delete': { server_name: string; media_id: string; cache_id: string };
  }
}
