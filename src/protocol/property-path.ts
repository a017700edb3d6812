/**
 * Paths like `content.m\.relates_to.rel_type`.
 * Source: https://spec.matrix.org/v1.19/appendices/#dot-separated-property-paths
 */
import { isJsonObject, type JsonObject, type JsonValue } from './json.ts';

/** The names of the properties on the way. `\.` and `\\` are a dot and a backslash, other escapes stay as they are. */
export function parsePropertyPath(path: string): string[] {
  const names: string[] = [];
  let name = '';
  for (let index = 0; index < path.length; index++) {
    const character = path.charAt(index);
    const next = path.charAt(index + 1);
    if (character === '\\' && (next === '.' || next === '\\')) {
      name += next;
      index++;
    } else if (character === '.') {
      names.push(name);
      name = '';
    } else {
      name += character;
    }
  }
  names.push(name);
  return names;
}

/** The value at the end of the path, or undefined where the way breaks off. */
export function propertyAt(object: JsonObject, names: readonly string[]): JsonValue | undefined {
  let value: JsonValue | undefined = object;
  for (const name of names) {
    if (!isJsonObject(value) || !Object.hasOwn(value, name)) return undefined;
    value = value[name];
  }
  return value;
}
