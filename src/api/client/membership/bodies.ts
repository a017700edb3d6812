import Type, { type Static } from 'typebox';

/** Why a membership changes, for people to read. */
export const reason = Type.Optional(Type.String());

export const userId = Type.String({ pattern: '^@' });

/** Bodies that may be left out are taken as empty objects. */
export const reasonBody = Type.Object({ reason });

/** Servers through which to reach a room: `server_name` is what clients from before `via` send. */
export const viaQuery = Type.Object({
  via: Type.Optional(Type.Array(Type.String())),
  server_name: Type.Optional(Type.Array(Type.String())),
});

export function viaOf({ via, server_name: old }: Static<typeof viaQuery>): readonly string[] {
  return via ?? old ?? [];
}
