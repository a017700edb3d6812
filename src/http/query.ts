import type { TObject, TSchema } from 'typebox';
import { invalidParam } from '../protocol/errors.ts';
import type { ApiRequest } from './api-request.ts';
import { paramValidator } from './validate.ts';

type Kind = 'string' | 'integer' | 'number' | 'boolean' | 'array';

interface Field {
  readonly name: string;
  readonly kind: Kind;
  readonly itemKind: Kind;
  readonly default: unknown;
}

/** Reads the query parameters that an endpoint declares; others are ignored. */
export type QueryReader = (request: ApiRequest) => object;

const NOTHING: object = Object.freeze({});

/**
 * Texts become integers, numbers, booleans and arrays (of repeated parameters) as the schema says, missing ones get
 * the schema's `default`. 400 `M_INVALID_PARAM` for a wrong value, `M_MISSING_PARAM` for a missing one.
 */
export function queryReader(schema: TObject | undefined): QueryReader {
  if (schema === undefined) return () => NOTHING;
  const validate = paramValidator(schema);
  const fields = Object.entries(schema.properties).map(([name, field]) => fieldOf(name, field));
  const hasDefaults = fields.some((field) => field.default !== undefined);
  const canBeEmpty = !hasDefaults && ((schema.required ?? []) as readonly string[]).length === 0;
  return (request) => {
    if (request.search === '' && canBeEmpty) return NOTHING;
    if (request.search.includes('%00')) throw invalidParam('A query parameter contains the character NUL');
    const values: Record<string, unknown> = {};
    for (const field of fields) {
      const value = read(request.query[field.name], field);
      if (value !== undefined) values[field.name] = value;
    }
    validate(values);
    return values;
  };
}

function fieldOf(name: string, schema: TSchema): Field {
  const items = (schema as { items?: TSchema }).items;
  return {
    name,
    kind: kindOf(schema),
    itemKind: items === undefined ? 'string' : kindOf(items),
    default: (schema as { default?: unknown }).default,
  };
}

function kindOf(schema: TSchema): Kind {
  const type = (schema as { type?: unknown }).type;
  return type === 'integer' || type === 'number' || type === 'boolean' || type === 'array' ? type : 'string';
}

function read(given: string | string[] | undefined, field: Field): unknown {
  if (given === undefined) return field.default;
  if (field.kind !== 'array') return convert(Array.isArray(given) ? (given[0] ?? '') : given, field.kind);
  return (Array.isArray(given) ? given : [given]).map((item) => convert(item, field.itemKind));
}

/** A text that cannot be converted stays one and is refused by the schema. */
function convert(text: string, kind: Kind): unknown {
  if (kind === 'integer') return /^-?\d{1,16}$/.test(text) ? Number(text) : text;
  if (kind === 'number') return /^-?\d{1,16}(\.\d{1,16})?$/.test(text) ? Number(text) : text;
  if (kind === 'boolean') {
    if (text === 'true' || text === '1') return true;
    if (text === 'false' || text === '0') return false;
  }
  return text;
}
