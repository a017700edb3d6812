/** Arguments that several actions take. */
import Type from 'typebox';

export const user = Type.String({ pattern: '^@[^:\\s]*:\\S+$', maxLength: 255 });
export const eventId = Type.String({ pattern: '^\\$', maxLength: 255 });
export const reason = Type.Optional(Type.String({ maxLength: 1000 }));
export const color = Type.Optional(Type.String({ pattern: '^[a-z]{1,20}$|^#[0-9a-fA-F]{6}$' }));
