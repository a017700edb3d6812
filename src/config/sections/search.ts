import { flag, group } from '../fields.ts';

export const search = group({
  comment: 'Finding messages by their words. What is said in encrypted rooms is never indexed.',
  fields: {
    enabled: flag({ comment: 'Whether messages are indexed and can be searched.', default: true }),
  },
});
