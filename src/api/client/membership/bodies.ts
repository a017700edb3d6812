import Type from 'typebox';

/** Why a membership changes, for people to read. */
export const reason = Type.Optional(Type.String());

export const userId = Type.String({ pattern: '^@' });

/** Bodies that may be left out are taken as empty objects. */
export const reasonBody = Type.Object({ reason });
