import type { TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import type { TLocalizedValidationError } from 'typebox/error';
import { badJson, invalidParam, type MatrixError, missingParam } from '../protocol/errors.ts';

/** Throws a `MatrixError` that names the field if `value` does not have the form of the schema. */
export type Validator = (value: unknown) => void;

/** Compiled once, at boot; a schema that cannot be compiled stops the boot. */
export function bodyValidator(schema: TSchema): Validator {
  return validator(schema, badJson, 'The body');
}

/** For query and path parameters. */
export function paramValidator(schema: TSchema): Validator {
  return validator(schema, invalidParam, 'The request');
}

function validator(schema: TSchema, wrong: (text: string) => MatrixError, whole: string): Validator {
  const compiled = Compile(schema);
  return (value) => {
    if (!compiled.Check(value)) throw describe(compiled.Errors(value), wrong, whole);
  };
}

function describe(
  errors: readonly TLocalizedValidationError[],
  wrong: (text: string) => MatrixError,
  whole: string,
): MatrixError {
  const first = errors[0];
  if (first === undefined) return wrong(`${whole} is not valid`);
  const path = readablePath(first.instancePath);
  if (first.keyword === 'required') {
    const missing = first.params.requiredProperties[0] ?? '';
    return path === '' ? missingParam(`"${missing}" is missing`) : wrong(`"${path}.${missing}" is missing`);
  }
  const field = path === '' ? whole : `"${path}"`;
  // Of alternatives every one has failed, and the first of their reasons is as wrong as the others.
  if (errors.some((error) => error.keyword === 'anyOf' && error.instancePath === first.instancePath)) {
    const allowed = errors.flatMap((error) => (error.keyword === 'const' ? [String(error.params.allowedValue)] : []));
    return wrong(`${field} ${allowed.length > 0 ? `must be one of: ${allowed.join(', ')}` : 'has a wrong form'}`);
  }
  return wrong(`${field} ${readableReason(first)}`);
}

/** `/a/b~1c/0` → `a.b/c.0` */
function readablePath(pointer: string): string {
  return pointer.slice(1).replaceAll('/', '.').replaceAll('~1', '/').replaceAll('~0', '~');
}

function readableReason(error: TLocalizedValidationError): string {
  if (error.keyword !== 'type') return error.message;
  const type = String(error.params.type);
  return `must be ${/^[aeiou]/.test(type) ? 'an' : 'a'} ${type}`;
}
