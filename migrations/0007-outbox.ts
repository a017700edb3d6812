import type { Migration } from '../src/storage/migration.ts';

/** What leaves for other servers: which of them were in which rooms when, what they are to get, how far each has got. */
export const outbox: Migration = {
  name: '0007-outbox',
  up({ table, index }) {
    // A stay of a server in a room: from the event that brought its first member up to the one that took its last,
    // both included. `until` is 2^53-1 while it lasts.
    table('room_servers', { room_nid: 'int', server: 'text', since: 'int', until: 'int' }, [
      'room_nid',
      'server',
      'since',
    ]);
    index('room_servers_by_server', 'room_servers', ['server', 'room_nid']);

    // Events that the other servers of their rooms must get. `origin` has them already; '' for events of this server.
    table('outgoing_events', { room_nid: 'int', position: 'int', event_nid: 'int', origin: 'text' }, [
      'room_nid',
      'position',
    ]);

    // `kind` is 0 for messages to devices, 1 for device lists, 2 for cross-signing keys. What the latter two say is
    // looked up when they are sent.
    table(
      'outgoing_edus',
      {
        server: 'text',
        position: 'int',
        device_id: 'text',
        kind: 'int',
        user_id: 'text',
        stream_id: 'int',
        prev_id: 'int?',
        json: 'text?',
      },
      ['server', 'position', 'device_id'],
    );
    index('outgoing_edus_by_position', 'outgoing_edus', ['position']);

    table(
      'destinations',
      {
        server: 'text',
        // It has got every event up to this stream position.
        sent_up_to: 'int',
        // Up to this position it gets the newest events of each room only.
        catch_up_to: 'int',
        // When it began to fail; null while it does not.
        failing_since: 'int?',
        attempts: 'int',
        retry_at: 'int',
      },
      ['server'],
    );
    index('destinations_by_retry', 'destinations', ['retry_at'], { where: 'failing_since is not null' });
  },
};
