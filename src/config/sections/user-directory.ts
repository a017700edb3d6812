import { group, oneOf } from '../fields.ts';

export const userDirectory = group({
  comment: 'Finding people by their names.',
  fields: {
    shows: oneOf({
      comment:
        'Whom a search finds: those who share a room with the user, those in public rooms as well, or everybody.',
      values: ['shared', 'public', 'everybody'],
      default: 'public',
    }),
  },
});
