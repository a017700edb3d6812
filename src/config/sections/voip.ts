import { duration, flag, group, list, optional, text } from '../fields.ts';

export const voip = group({
  comment: 'Calls between two people: a TURN server carries them where they cannot reach each other.',
  fields: {
    turn_uris: list({
      comment: 'Addresses of the TURN server.',
      default: [],
      item: text({ comment: 'An address.', example: 'turn:turn.example.org?transport=udp' }),
    }),
    turn_shared_secret: optional(
      text({
        comment: 'The secret that it shares with this server (static-auth-secret).',
        secret: true,
        example: 'a text',
      }),
    ),
    turn_lifetime: duration({ comment: 'How long people may use it without asking again.', default: '24h', min: '1m' }),
    turn_guests: flag({ comment: 'Whether guests may use it.', default: false }),
  },
  check: ({ turnUris, turnSharedSecret }) =>
    turnUris.length > 0 && turnSharedSecret === undefined
      ? [['turn_shared_secret', 'expected one, for turn_uris']]
      : [],
});
