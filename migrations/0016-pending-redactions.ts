import type { Migration } from '../src/storage/migration.ts';

/** Redactions that came before what they redact. */
export const pendingRedactions: Migration = {
  name: '0016-pending-redactions',
  up({ table }) {
    table('pending_redactions', { room_nid: 'int', redacts: 'text', redaction_nid: 'int' }, [
      'room_nid',
      'redacts',
      'redaction_nid',
    ]);
  },
};
