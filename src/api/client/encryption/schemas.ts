/** Forms of keys as clients upload them. */
import Type from 'typebox';

/** Names that clients give to further members of these objects are theirs. */
export const deviceKeysForm = Type.Object({
  user_id: Type.String(),
  device_id: Type.String(),
  algorithms: Type.Array(Type.String()),
  keys: Type.Record(Type.String(), Type.String()),
  signatures: Type.Optional(Type.Record(Type.String(), Type.Record(Type.String(), Type.String()))),
});

const oneTimeKey = Type.Union([
  Type.String(),
  Type.Object({
    key: Type.String(),
    fallback: Type.Optional(Type.Boolean()),
    signatures: Type.Optional(Type.Record(Type.String(), Type.Record(Type.String(), Type.String()))),
  }),
]);

/** `<algorithm>:<key_id>` to a one-time or fallback key. */
export const keyMap = Type.Record(Type.String(), oneTimeKey);

/** How long to wait for other servers, in milliseconds. */
export const timeout = Type.Optional(Type.Integer({ minimum: 0 }));
export const DEFAULT_TIMEOUT = 10_000;
