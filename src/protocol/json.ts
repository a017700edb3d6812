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
