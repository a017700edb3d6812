import type { Migration } from '../src/storage/migration.ts';

/** Files whose messages were deleted: removed unless something else shows them. */
export const unusedFiles: Migration = {
  name: '0042-unused-files',
  up({ table, index }) {
    table('unused_files', { mxc: 'text' }, ['mxc']);
    // Of what was redacted, only this says which files it showed.
    index('media_references_by_event', 'media_references', ['event_nid']);
  },
};
