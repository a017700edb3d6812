import type { Migration } from '../src/storage/migration.ts';

/** Files of other servers that are kept for a while. */
export const remoteMedia: Migration = {
  name: '0015-remote-media',
  up({ table, index }) {
    // `cache_id` names the file among the blobs, and its thumbnails.
    table(
      'remote_media',
      {
        server_name: 'text',
        media_id: 'text',
        cache_id: 'text',
        content_type: 'text?',
        file_name: 'text?',
        size: 'int',
        sha256: 'text',
        used_at: 'int',
      },
      ['server_name', 'media_id'],
    );
    index('remote_media_by_use', 'remote_media', ['used_at']);
  },
};
