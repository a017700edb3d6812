import type { UrlPreviewRow, UrlPreviewStore } from '../contract/url-previews.ts';
import { type MutationDefinitions, remove, upsert } from './mutation.ts';
import { query, type Reader } from './query.ts';

const latest = query<{ key: Uint8Array }, UrlPreviewRow>(
  'select * from url_previews where url_key = :key order by fetched_at desc limit 1',
);
const count = query<Record<never, never>, { n: number }>('select count(*) as n from url_previews');
const oldest = query<{ limit: number }, UrlPreviewRow>(
  'select * from url_previews order by fetched_at, url_key limit :limit',
);

export function urlPreviewStore(db: Reader): UrlPreviewStore {
  return {
    latest: (key) => db.one(latest, { key }),
    count: async () => (await db.one(count, {}))!.n,
    oldest: (limit) => db.all(oldest, { limit }),
  };
}

export const urlPreviewMutations = {
  'url_previews.insert': upsert(
    'url_previews',
    { url_key: 'bytes', fetched_at: 'int', preview: 'text', media_id: 'text' },
    ['url_key', 'fetched_at'],
  ),
  'url_previews.delete': remove('url_previews', { url_key: 'bytes', fetched_at: 'int' }),
} satisfies Partial<MutationDefinitions>;
