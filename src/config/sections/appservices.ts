import { group, list, optional, path } from '../fields.ts';

export const appservices = group({
  comment: 'Application services: bridges and bots that act for many users. Read at the start.',
  fields: {
    registrations: list({
      comment: 'Their registration files.',
      default: [],
      item: path({ comment: 'A registration file.', example: 'irc.yaml' }),
    }),
    folder: optional(path({ comment: 'A folder whose files *.yaml are registrations too.', example: 'appservices' })),
  },
});
