import { Ajv2020, type AnySchema, type ValidateFunction } from 'ajv/dist/2020.js';
import type { TSchema } from 'typebox';
import type { ApiSettings } from '../../src/http/create-api.ts';
import type { Endpoint } from '../../src/http/endpoint.ts';
import { routeOf, specEndpointAt, specResponses } from './spec-endpoints.ts';

const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true });
ajv.addSchema(specResponses as AnySchema, 'spec');

const schemaKeys = new Map(
  Object.keys(specResponses.responses).map((key) => {
    const [method = '', path = ''] = key.split(' ', 2);
    return [routeOf(method, path), key];
  }),
);

/** Operations whose schema in the specification refuses right answers, and why. */
const MISTAKEN_SCHEMAS: ReadonlyMap<string, string> = new Map([
  ['getJoinedMembersByRoom', 'clients expect both keys of a member, and null where there is nothing'],
  [
    'sendInviteV2',
    'wants `origin` in events, which they have not had for years; what was sent must come back untouched',
  ],
  ['getRoomStateWithKey', 'either any object or an event: an event is both'],
]);

/** Keys that proposals put in the place of what the specification wants in an answer. */
const KEYS_OF_PROPOSALS: ReadonlyMap<string, string> = new Map([
  ['sendMessage', 'delay_id'],
  ['setRoomStateWithKey', 'delay_id'],
]);

const compiled = new Map<string, ValidateFunction | undefined>();

function specSchema(endpoint: Endpoint<never>): ValidateFunction | undefined {
  if (MISTAKEN_SCHEMAS.has(endpoint.name)) return undefined;
  const operation = specEndpointAt(endpoint.method, endpoint.paths, endpoint.name);
  const key = operation && schemaKeys.get(routeOf(operation.method, operation.path));
  if (key === undefined) return undefined;
  if (!compiled.has(key)) {
    const pointer = encodeURIComponent(key.replaceAll('~', '~0').replaceAll('/', '~1'));
    compiled.set(key, ajv.compile({ $ref: `spec#/responses/${pointer}` }));
  }
  return compiled.get(key);
}

const declared = new WeakMap<TSchema, ValidateFunction>();

function declaredSchema(schema: TSchema | undefined): ValidateFunction | undefined {
  if (schema === undefined) return undefined;
  let validate = declared.get(schema);
  if (validate === undefined) {
    validate = ajv.compile(schema as AnySchema);
    declared.set(schema, validate);
  }
  return validate;
}

/** What is wrong with an answer, by the schema of the specification and by that of the endpoint. */
function problemsOf(endpoint: Endpoint<never>, status: number, body: unknown): string[] {
  if (status >= 400) {
    const error = body as { errcode?: unknown; error?: unknown; flows?: unknown } | null;
    // The answer that asks for interactive authentication has no errcode until a stage has failed.
    if (status === 401 && Array.isArray(error?.flows)) return [];
    return typeof error?.errcode === 'string' && typeof error.error === 'string' ? [] : ['no errcode and error'];
  }
  const proposed = KEYS_OF_PROPOSALS.get(endpoint.name);
  if (proposed !== undefined && Object.keys(body ?? {}).join() === proposed) return [];
  const validators = status === 200 ? [specSchema(endpoint), declaredSchema(endpoint.response)] : [];
  return validators.flatMap((validate) =>
    validate === undefined || validate(body) ? [] : [ajv.errorsText(validate.errors, { dataVar: 'body' })],
  );
}

/** Every violation since the process began: a suite that wants to be sure asserts that it is empty. */
export const violations: string[] = [];

/**
 * Compares what any test is answered with the schemas of the specification; what does not fit makes the answer a 500
 * and is told on standard error. For `onAnswer` of the settings of an API.
 */
export const validateAnswer: NonNullable<ApiSettings['onAnswer']> = (endpoint, status, text) => {
  if (text === undefined) return;
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return;
  }
  const problems = problemsOf(endpoint, status, body);
  if (problems.length === 0) return;
  const message = `${endpoint.name} ${status} does not fit its schema: ${problems.join('; ')}\n${text.slice(0, 1000)}`;
  violations.push(message);
  console.error(message);
  throw new Error(message);
};
