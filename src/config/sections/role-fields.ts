import { decimal, group, list, text } from '../fields.ts';

/** What roles of people elsewhere mean here. */
export const roleFields = {
  admin_roles: list({
    comment:
      'Roles that make administrators: who has none of them stops being one at the next login. Empty: not looked at.',
    default: [],
    item: text({ comment: 'A role.', example: 'Owner' }),
  }),
  limit_roles: list({
    comment: 'Roles with higher rate limits; of several the highest count. Empty: not looked at.',
    default: [],
    item: group({
      comment: 'A role, and how many times as high its limits are.',
      inline: true,
      fields: {
        role: text({ comment: 'The role.', example: 'Subscriber' }),
        factor: decimal({ comment: 'How many times as high.', default: 2, min: 1, max: 1_000 }),
      },
    }),
  }),
  unlimited_roles: list({
    comment: 'Roles without rate limits. Empty: not looked at.',
    default: [],
    item: text({ comment: 'A role.', example: 'Partner' }),
  }),
} as const;
