import { duration, group, optional, path, pattern, text } from '../fields.ts';

export const redis = group({
  comment:
    'A Redis (7 or newer), where the order of live rooms is kept: viewers go on where they were after a restart of the server, which needs none otherwise. Nothing is lost with it that was acknowledged; do not let it evict keys (maxmemory-policy noeviction).',
  fields: {
    url: optional(
      pattern({
        comment: 'Where it is; rediss:// for TLS, unix:/path for a socket.',
        example: 'redis://igchat:password@localhost:6379/0',
        secret: true,
        matches: /^(rediss?:\/\/\S+|unix:\/\S+)$/,
        expected: 'an address such as redis://user:password@host:6379/0, rediss://host or unix:/run/redis.sock',
      }),
    ),
    tls_ca: optional(
      path({
        comment: 'File of the authorities that its certificate may be from; else those of the system.',
        example: 'redis-ca.pem',
      }),
    ),
    key_prefix: text({ comment: 'Begins every key, where several servers share it.', default: 'igchat:' }),
    connect_timeout: duration({ comment: 'Time to connect.', default: '2s', min: '100ms' }),
    command_timeout: duration({ comment: 'Time for an answer.', default: '2s', min: '100ms' }),
  },
});
