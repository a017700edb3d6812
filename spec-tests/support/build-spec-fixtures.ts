/**
 * Makes `fixtures/spec-endpoints.json` and `fixtures/spec-responses.json` from the OpenAPI of the specification:
 *
 *     node --import tsx spec-tests/support/build-spec-fixtures.ts [folder `data` of matrix-spec]
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import type { SpecEndpoint } from './spec-endpoints.ts';

type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
type JsonMap = { [key: string]: Json };

const HERE = dirname(fileURLToPath(import.meta.url));
const FIXTURES = join(HERE, '../fixtures');
const DATA = resolve(process.argv[2] ?? join(HERE, '../../../shared/matrix-spec/data'));
const APIS = { client: 'api/client-server', server: 'api/server-server' } as const;
const METHODS = ['get', 'post', 'put', 'delete'];
/** What validates nothing; without it the fixture is a tenth of the size. */
const PROSE = /^(description|example|examples|title|deprecated|externalDocs|x-.*)$/;

function isMap(value: Json | undefined): value is JsonMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const mapOf = (value: Json | undefined): JsonMap => (isMap(value) ? value : {});

/** The documents of the specification, and the schemas in them that answers refer to. */
class Documents {
  readonly definitions: JsonMap = {};
  readonly #parsed = new Map<string, Json>();

  read(file: string): Json {
    let document = this.#parsed.get(file);
    if (document === undefined) {
      document = parse(readFileSync(file, 'utf8')) as Json;
      this.#parsed.set(file, document);
    }
    return document;
  }

  /** Where a reference in `file` points to. */
  follow(reference: string, file: string): { value: Json; file: string; key: string } {
    const [path = '', pointer = ''] = reference.split('#');
    const target = path === '' ? file : join(dirname(file), path);
    let value = this.read(target);
    for (const part of pointer.split('/').filter((name) => name !== '')) value = mapOf(value)[part] ?? {};
    return { value, file: target, key: `${relative(DATA, target)}${pointer}`.replace(/[^\w-]+/g, '_') };
  }

  /** The same schema without prose, its references pointing into {@link definitions}. */
  bundle(schema: Json, file: string, areNames = false): Json {
    if (Array.isArray(schema)) return schema.map((item) => this.bundle(item, file));
    if (!isMap(schema)) return schema;
    const out: JsonMap = {};
    for (const [key, value] of Object.entries(schema)) {
      if (!areNames && key === '$ref' && typeof value === 'string') out['$ref'] = this.#define(value, file);
      else if (areNames || !PROSE.test(key)) out[key] = this.bundle(value, file, !areNames && key === 'properties');
    }
    return out;
  }

  #define(reference: string, file: string): string {
    const target = this.follow(reference, file);
    if (this.definitions[target.key] === undefined) {
      this.definitions[target.key] = {};
      this.definitions[target.key] = this.bundle(target.value, target.file);
    }
    return `#/$defs/${target.key}`;
  }
}

const documents = new Documents();

function resolved(value: Json | undefined, file: string): { value: JsonMap; file: string } {
  const map = mapOf(value);
  if (typeof map['$ref'] !== 'string') return { value: map, file };
  const target = documents.follow(map['$ref'], file);
  return { value: mapOf(target.value), file: target.file };
}

function authOf(operation: JsonMap): SpecEndpoint['auth'] {
  const schemes = ((operation['security'] ?? []) as JsonMap[]).map((scheme) => Object.keys(scheme)[0] ?? '');
  if (schemes.length === 0) return 'none';
  if (schemes.includes('')) return 'optional';
  if (schemes.includes('signedRequest')) return 'serverSignature';
  return schemes.some((scheme) => scheme.startsWith('appservice')) ? 'appservice' : 'accessToken';
}

function basePath(document: JsonMap): string {
  const server = mapOf((document['servers'] as Json[] | undefined)?.[0]);
  return String(mapOf(mapOf(server['variables'])['basePath'])['default'] ?? '');
}

function main(): void {
  if (!existsSync(DATA)) {
    console.error(`The specification is not at ${DATA}: give the folder "data" of a checkout of matrix-spec.`);
    process.exitCode = 1;
    return;
  }
  const endpoints: SpecEndpoint[] = [];
  const responses: JsonMap = {};
  for (const [api, folder] of Object.entries(APIS)) {
    for (const name of readdirSync(join(DATA, folder))
      .filter((file) => file.endsWith('.yaml'))
      .sort()) {
      const file = join(DATA, folder, name);
      const document = mapOf(documents.read(file));
      for (const [path, item] of Object.entries(mapOf(document['paths']))) {
        for (const method of METHODS) {
          const operation = mapOf(item)[method];
          if (!isMap(operation)) continue;
          const answers = mapOf(operation['responses']);
          const fullPath = basePath(document) + path;
          endpoints.push({
            api: api === 'client' ? 'client' : 'server',
            area: name.replace('.yaml', ''),
            name: String(operation['operationId']),
            method,
            path: fullPath,
            auth: authOf(operation),
            rateLimited: answers['429'] !== undefined,
            deprecated: operation['deprecated'] === true,
          });
          const success = resolved(answers['200'], file);
          const schema = mapOf(mapOf(success.value['content'])['application/json'])['schema'];
          if (schema !== undefined) responses[`${method} ${fullPath}`] = documents.bundle(schema, success.file);
        }
      }
    }
  }
  writeFileSync(join(FIXTURES, 'spec-endpoints.json'), `${JSON.stringify(endpoints, null, 1)}\n`);
  const schemas = { $defs: documents.definitions, responses };
  writeFileSync(join(FIXTURES, 'spec-responses.json'), `${JSON.stringify(schemas, null, 1)}\n`);
  console.log(`${endpoints.length} operations, ${Object.keys(responses).length} schemas of answers`);
}

main();
