import Type, { type Static } from 'typebox';

/** What every endpoint for relations takes. */
export const relationsQuery = Type.Object({
  from: Type.Optional(Type.String()),
  to: Type.Optional(Type.String()),
  dir: Type.Enum(['b', 'f'], { default: 'b' }),
  limit: Type.Integer({ minimum: 1, default: 20 }),
  recurse: Type.Optional(Type.Boolean()),
  // As the proposal had it, which clients without a word for 1.10 go by.
  'org.matrix.msc3981.recurse': Type.Optional(Type.Boolean()),
});

/** What is asked for, by whatever names. */
export function relationsRequest({ from, to, dir, limit, ...others }: Static<typeof relationsQuery>) {
  return { from, to, dir, limit, recurse: others.recurse ?? others['org.matrix.msc3981.recurse'] };
}
