import { duration, group, oneOf, optional, path, pattern, whole } from '../fields.ts';

export const database = group({
  comment: 'The database. SQLite needs nothing; PostgreSQL is for large servers (see `igchat migrate-database`).',
  fields: {
    engine: oneOf({ comment: 'sqlite or postgres.', values: ['sqlite', 'postgres'], default: 'sqlite' }),
    path: path({ comment: 'The SQLite file.', inDataDir: 'homeserver.db' }),
    url: optional(
      pattern({
        comment: 'Where the PostgreSQL database is; it must exist, with encoding UTF8 and locale C.',
        example: 'postgres://igchat:password@localhost/igchat',
        secret: true,
        matches: /^postgres(ql)?:\/\/\S+$/,
        expected: 'an address such as postgres://user:password@host/database',
      }),
    ),
    pool_size: whole({ comment: 'Connections to PostgreSQL.', default: 10, min: 2, max: 1000 }),
    read_threads: whole({
      comment: 'Threads that read from SQLite for requests that read much: first syncs, search, state.',
      default: 2,
      min: 1,
      max: 32,
    }),
    lock_timeout: duration({
      comment: 'How long a write waits while another program has the database locked, before it is given up (503).',
      default: '10s',
      min: '100ms',
    }),
  },
  check: ({ engine, url }) =>
    engine === 'postgres' && url === undefined
      ? [['url', 'expected the address of the database, such as postgres://user:password@host/database']]
      : [],
});
