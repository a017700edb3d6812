import { isJsonObject, type JsonObject, type JsonValue } from '../../protocol/json.ts';

const MAX_ROLES = 100;
const MAX_LENGTH = 255;

/** The roles that claims have under a name: `a.b` is a claim of that name, or `b` within `a`. */
export function rolesIn(claims: JsonObject, name: string): string[] {
  return rolesOf(own(claims, name) ?? valueAt(claims, name.split('.')));
}

/** A list of names, or one name. */
export function rolesOf(value: JsonValue | undefined): string[] {
  const list = Array.isArray(value) ? value : [value];
  const names = list.filter((role) => typeof role === 'string' && role !== '' && role.length <= MAX_LENGTH);
  return [...new Set(names as string[])].slice(0, MAX_ROLES);
}

function valueAt(claims: JsonObject, path: readonly string[]): JsonValue | undefined {
  return path.reduce<JsonValue | undefined>(
    (value, key) => (isJsonObject(value) ? own(value, key) : undefined),
    claims,
  );
}

function own(object: JsonObject, key: string): JsonValue | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}
