import Type from 'typebox';

/** What every endpoint for relations takes. */
export const relationsQuery = Type.Object({
  from: Type.Optional(Type.String()),
  to: Type.Optional(Type.String()),
  dir: Type.Enum(['b', 'f'], { default: 'b' }),
  limit: Type.Integer({ minimum: 1, default: 20 }),
  recurse: Type.Optional(Type.Boolean()),
});
