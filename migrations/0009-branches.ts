import type { Migration } from '../src/storage/migration.ts';

/** Rooms whose history has several ends. */
export const branches: Migration = {
  name: '0009-branches',
  up({ table }) {
    // Of rooms with several forward extremities: the layer of what the states after them resolve to.
    table('resolved_states', { room_nid: 'int', state_layer: 'int' }, ['room_nid']);
  },
};
