import type { LocalMediaRow, MediaStore, RemoteMediaRow, ThumbnailRow } from '../contract/media.ts';
import { insert, type MutationDefinitions, remove, statement, update, upsert } from './mutation.ts';
import { query, type Reader } from './query.ts';

const get = query<{ media: string }, LocalMediaRow>('select * from local_media where media_id = :media');
const countPending = query<{ user: string; now: number }, { n: number }>(
  'select count(*) as n from local_media where user_id = :user and uploaded_at is null and expires_at > :now',
);
const thumbnails = query<{ media: string }, ThumbnailRow>('select * from thumbnails where media_id = :media');
const remote = query<{ server: string; media: string }, RemoteMediaRow>(
  'select * from remote_media where server_name = :server and media_id = :media',
);
const ofUser = query<{ user: string; limit: number }, LocalMediaRow>(
  'select * from local_media where user_id = :user order by created_at limit :limit',
);
const unused = query<{ before: number; limit: number }, LocalMediaRow>(
  'select * from local_media where used_at <= :before order by used_at, media_id limit :limit',
);
const remoteSize = query<Record<never, never>, { bytes: number | null }>('select sum(size) as bytes from remote_media');
const leastUsed = query<{ limit: number }, RemoteMediaRow>(
  'select * from remote_media order by used_at, server_name, media_id limit :limit',
);

export function mediaStore(db: Reader): MediaStore {
  return {
    get: (media) => db.one(get, { media }),
    countPending: async (user, now) => (await db.one(countPending, { user, now }))?.n ?? 0,
    thumbnails: (media) => db.all(thumbnails, { media }),
    remote: (server, media) => db.one(remote, { server, media }),
    ofUser: (user, limit) => db.all(ofUser, { user, limit }),
    unused: (before, limit) => db.all(unused, { before, limit }),
    remoteSize: async () => Number((await db.one(remoteSize, {}))?.bytes ?? 0),
    leastUsed: (limit) => db.all(leastUsed, { limit }),
  };
}

export const mediaMutations = {
  'local_media.insert': insert('local_media', {
    media_id: 'text',
    user_id: 'text',
    content_type: 'text',
    file_name: 'text',
    size: 'int',
    sha256: 'text',
    uploaded_at: 'int',
    created_at: 'int',
    expires_at: 'int',
    used_at: 'int',
  }),
  'local_media.fill': statement(
    { media_id: 'text', content_type: 'text', file_name: 'text', size: 'int', sha256: 'text', uploaded_at: 'int' },
    `update local_media set content_type = :content_type, file_name = :file_name, size = :size, sha256 = :sha256,
     uploaded_at = :uploaded_at, used_at = :uploaded_at where media_id = :media_id and uploaded_at is null and expires_at > :uploaded_at`,
    { expectOne: true },
  ),
  'local_media.expire': statement(
    { expires_at: 'int' },
    'delete from local_media where uploaded_at is null and expires_at <= :expires_at',
  ),
  'local_media.use': update('local_media', { media_id: 'text' }, { used_at: 'int' }),
  'local_media.delete': remove('local_media', { media_id: 'text' }),
  'thumbnails.put': upsert(
    'thumbnails',
    {
      media_id: 'text',
      width: 'int',
      height: 'int',
      method: 'text',
      animated: 'int',
      content_type: 'text',
      size: 'int',
    },
    ['media_id', 'width', 'height', 'method', 'animated'],
  ),
  'thumbnails.deleteOf': remove('thumbnails', { media_id: 'text' }),
  'remote_media.insert': insert('remote_media', {
    server_name: 'text',
    media_id: 'text',
    cache_id: 'text',
    content_type: 'text',
    file_name: 'text',
    size: 'int',
    sha256: 'text',
    used_at: 'int',
  }),
  'remote_media.use': update('remote_media', { server_name: 'text', media_id: 'text' }, { used_at: 'int' }),
  'remote_media.delete': remove('remote_media', { server_name: 'text', media_id: 'text', cache_id: 'text' }),
} satisfies Partial<MutationDefinitions>;
