import { duration, flag, group, path, whole } from '../fields.ts';
import { inspectKeyFile } from '../inspect-key-file.ts';

export const policyServer = group({
  comment:
    'Policy servers: rooms name a server without whose recommendation nothing is let in (m.room.policy). Rooms with members here can name this one.',
  fields: {
    enabled: flag({ comment: 'Whether this server is one.', default: true }),
    signing_key: path({
      comment: 'The key that signs its recommendations; made at the first start. Rooms hold its public half.',
      inDataDir: 'policy-signing.key',
      inspect: inspectKeyFile,
    }),
    answers: whole({ comment: 'Recommendations that are remembered.', default: 10_000, min: 1, max: 100_000_000 }),
    timeout: duration({
      comment: 'Time for the policy server of a room to say what it thinks of an event.',
      default: '5s',
      min: '100ms',
    }),
  },
});
