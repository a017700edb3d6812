import { group, oneOf, optional, text, webAddress } from '../fields.ts';

/** Whether people who register show that they are people. */
export const captcha = group({
  comment: 'A question that programs cannot answer well, for people who register (m.login.recaptcha).',
  fields: {
    site_key: optional(text({ comment: 'The public key. If left out: no question.', example: '6Le...' })),
    secret: optional(text({ comment: 'The secret key.', secret: true, example: '6Le...' })),
    service: oneOf({
      comment: 'Who asks. Many clients show questions of reCAPTCHA themselves; others are on a page of this server.',
      values: ['recaptcha', 'hcaptcha'],
      default: 'recaptcha',
    }),
    verify_url: optional(
      webAddress({
        comment: 'Who says whether the answer was right, if not the service itself.',
        example: 'https://captcha.example.org/siteverify',
      }),
    ),
    script_url: optional(
      webAddress({
        comment: 'The script of the question, if not that of the service itself.',
        example: 'https://www.recaptcha.net/recaptcha/api.js',
      }),
    ),
  },
  check: ({ siteKey, secret }) =>
    (siteKey === undefined) === (secret === undefined) ? [] : [['secret', 'expected both keys, or neither']],
});
