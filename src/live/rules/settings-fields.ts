/** How one setting is read out of JSON. */
import type { JsonValue } from '../../protocol/json.ts';

export interface Field<T> {
  /** The value if it is exactly one of those allowed. */
  strict(value: JsonValue | undefined): T | undefined;
  /** The nearest value allowed; undefined where there is none. */
  lenient(value: JsonValue | undefined): T | undefined;
}

export function integer(minimum: number, maximum: number): Field<number> {
  return {
    strict: (value) =>
      typeof value === 'number' && Number.isInteger(value) && value >= minimum && value <= maximum ? value : undefined,
    lenient: (value) =>
      typeof value === 'number' && !Number.isNaN(value)
        ? Math.trunc(Math.min(maximum, Math.max(minimum, value)))
        : undefined,
  };
}

export const flag: Field<boolean> = {
  strict: (value) => (typeof value === 'boolean' ? value : undefined),
  lenient: (value) => (typeof value === 'boolean' ? value : undefined),
};

export function oneOf<T extends string>(values: readonly T[]): Field<T> {
  const read = (value: JsonValue | undefined) => values.find((allowed) => allowed === value);
  return { strict: read, lenient: read };
}

/** The field, or null for "off". */
export function optional<T>(field: Field<T>): Field<T | null> {
  return {
    strict: (value) => (value === null ? null : field.strict(value)),
    lenient: (value) => (value === null ? null : field.lenient(value)),
  };
}

/** At most `count` different strings of at most `length` code units, all of `allowed` if that is given. */
export function listOf(count: number, length: number, allowed?: ReadonlySet<string>): Field<readonly string[]> {
  const isEntry = (entry: JsonValue): entry is string =>
    typeof entry === 'string' &&
    entry !== '' &&
    entry.length <= length &&
    (allowed === undefined || allowed.has(entry));
  return {
    strict: (value) =>
      Array.isArray(value) && value.length <= count && value.every(isEntry) && new Set(value).size === value.length
        ? value
        : undefined,
    lenient: (value) => (Array.isArray(value) ? [...new Set(value.filter(isEntry))].slice(0, count) : undefined),
  };
}
