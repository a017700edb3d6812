import { duration, group, oneOf, optional, text, whole } from '../fields.ts';

export const email = group({
  comment: 'E-mail: registration with an address, and new passwords for people who have forgotten theirs.',
  fields: {
    smtp_host: optional(
      text({
        comment: 'The mail server that takes mail from this one. If left out: no e-mail.',
        example: 'smtp.example.org',
      }),
    ),
    smtp_port: whole({ comment: 'Its port.', default: 587, min: 1, max: 65535 }),
    smtp_security: oneOf({
      comment: 'starttls: in the clear at first, encrypted from then on. tls: from the beginning. none: never.',
      values: ['starttls', 'tls', 'none'],
      default: 'starttls',
    }),
    smtp_user: optional(text({ comment: 'User name there.', example: 'igchat' })),
    smtp_password: optional(text({ comment: 'Password there.', secret: true, example: 'a password' })),
    from: text({ comment: 'Sender of the mail.', default: 'iGChat <noreply@localhost>' }),
    timeout: duration({ comment: 'Time for the mail server to take a mail.', default: '30s', min: '1s' }),
    link_lifetime: duration({ comment: 'How long a link in a mail is good.', default: '1h', min: '1m' }),
    connections: whole({ comment: 'Connections to the mail server.', default: 4, min: 1, max: 100 }),
    queue: whole({
      comment: 'Mails that may wait for them; beyond, people are asked to try again.',
      default: 200,
      min: 1,
      max: 100_000,
    }),
  },
  check: ({ smtpUser, smtpPassword }) =>
    (smtpUser === undefined) === (smtpPassword === undefined)
      ? []
      : [['smtp_user', 'expected both a user and a password, or neither']],
});
