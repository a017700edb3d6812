/** JSON as it is on the wire. Event JSON is never spread or merged: `__proto__` and friends may be keys of it. */
export type JsonValue = string | number | boolean | null | JsonValue[] | JsonObject;

/** An object of parsed JSON. Every key may be absent, and every value may be of any type. */
export interface JsonObject {
  [key: string]: JsonValue | undefined;
}

/** Whether `value` is a JSON object (not null, not an array). */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Sets a key of any name as an own property: a plain assignment to `__proto__` would change the prototype. */
export function setOwn(object: JsonObject, key: string, value: JsonValue | undefined): void {
  if (key === '__proto__') {
    Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
  } else {
    object[key] = value;
  }
}

/** A shallow copy of an object with one key set, whatever names its keys have. */
export function withKey(object: JsonObject, key: string, value: JsonValue): JsonObject {
  const copy: JsonObject = {};
  for (const name of Object.keys(object)) setOwn(copy, name, object[name]);
  setOwn(copy, key, value);
  return copy;
}
