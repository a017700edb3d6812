import type { Migration } from '../src/storage/migration.ts';

/** Files whose messages were deleted: removed unless something else shows them. */
export const unusedFiles: Migration = {
  name: '0042-unused-files',
  up({ table }) {
    table('unused_files', { mxc: 'text' }, ['mxc']);
  },
};
