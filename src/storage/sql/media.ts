import type { LocalMediaRow, MediaStore, ThumbnailRow } from '../contract/media.ts';
import { insert, type MutationDefinitions, statement, upsert } from './mutation.ts';
import { query, type Reader } from './query.ts';

const get = query<{ media: string }, LocalMediaRow>('select * from local_media where media_id = :media');
const countPending = query<{ user: string; now: number }, { n: number }>(
  'select count(*) as n from local_media where user_id = :user and uploaded_at is null and expires_at > :now',
);
const thumbnails = query<{ media: string }, ThumbnailRow>('select * from thumbnails where media_id = :media');

export function mediaStore(db: Reader): MediaStore {
  return {
    get: (media) => db.one(get, { media }),
    countPending: async (user, now) => (await db.one(countPending, { user, now }))?.n ?? 0,
    thumbnails: (media) => db.all(thumbnails, { media }),
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
  }),
  'local_media.fill': statement(
    { media_id: 'text', content_type: 'text', file_name: 'text', size: 'int', sha256: 'text', uploaded_at: 'int' },
    `update local_media set content_type = :content_type, file_name = :file_name, size = :size, sha256 = :sha256,
     uploaded_at = :uploaded_at where media_id = :media_id and uploaded_at is null and expires_at > :uploaded_at`,
    { expectOne: true },
  ),
  'local_media.expire': statement(
    { expires_at: 'int' },
    'delete from local_media where uploaded_at is null and expires_at <= :expires_at',
  ),
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
} satisfies Partial<MutationDefinitions>;
