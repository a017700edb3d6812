import type { Migration } from '../src/storage/migration.ts';

/** About when files of this server were last asked for; null until something is uploaded. */
export const mediaUse: Migration = {
  name: '0036-media-use',
  up({ sql, index }) {
    sql('alter table local_media add column used_at bigint');
    sql('update local_media set used_at = uploaded_at');
    index('local_media_by_use', 'local_media', ['used_at']);
  },
};
