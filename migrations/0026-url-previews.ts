import type { Migration } from '../src/storage/migration.ts';

/** Previews of pages, for as long as their pictures are kept. */
export const urlPreviews: Migration = {
  name: '0026-url-previews',
  up({ table, index }) {
    // The key is a hash of the address; `media_id` names the picture, if there is one.
    table('url_previews', { url_key: 'bytes', fetched_at: 'int', preview: 'text', media_id: 'text?' }, [
      'url_key',
      'fetched_at',
    ]);
    index('url_previews_by_age', 'url_previews', ['fetched_at']);
  },
};
