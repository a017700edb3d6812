import fc, { type Arbitrary } from 'fast-check';
import type { TSchema } from 'typebox';
import type { Endpoint } from '../../src/http/endpoint.ts';

/** A request that fits an endpoint more or less. */
export interface FuzzRequest {
  readonly method: string;
  /** Path and query, encoded. */
  readonly target: string;
  readonly body: string | undefined;
  readonly withToken: boolean;
}

/** Things that are there, so that requests get further than to "not found". */
export interface KnownThings {
  readonly roomIds: readonly string[];
  readonly userIds: readonly string[];
  readonly eventIds: readonly string[];
  readonly serverName: string;
  /** Of path parameters that have other names, by these. */
  readonly others?: Readonly<Record<string, readonly string[]>>;
}

interface Shape {
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly TSchema[];
  readonly items?: TSchema;
  readonly properties?: Readonly<Record<string, TSchema>>;
  readonly required?: readonly string[];
  readonly patternProperties?: Readonly<Record<string, TSchema>>;
}

const ODD_TEXTS = [
  '',
  ' ',
  '\u0000',
  '\ud800',
  '😀',
  'é'.repeat(200),
  'x'.repeat(70_000),
  '../../etc/passwd',
  '%00',
  "' or 1=1 --",
  '__proto__',
  'constructor',
  'toString',
  '-1',
  '1e999',
  '9007199254740993',
  'null',
  '[object Object]',
];
const ODD_NUMBERS = [0, -1, 1, 1.5, 2 ** 31, 2 ** 53, -(2 ** 53), 1e300, Number.MAX_SAFE_INTEGER];

export class FuzzRequests {
  readonly #things: KnownThings;
  readonly #text: Arbitrary<string>;

  constructor(things: KnownThings) {
    this.#things = things;
    const { serverName, roomIds, userIds, eventIds } = things;
    this.#text = fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom(...roomIds, ...userIds, ...eventIds, `#a:${serverName}`, serverName) },
      {
        weight: 3,
        arbitrary: fc.constantFrom(
          'm.room.message',
          'm.room.member',
          'm.text',
          'join',
          'public',
          'DEVICE',
          's1_2',
          'f',
          'b',
          'global',
          'override',
        ),
      },
      { weight: 2, arbitrary: fc.constantFrom(...ODD_TEXTS) },
      { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 20 }) },
    );
  }

  of(endpoint: Endpoint<never>): Arbitrary<FuzzRequest> {
    const body = endpoint.method === 'get' ? fc.constant(undefined) : this.#body(endpoint.body);
    return fc
      .tuple(this.#path(endpoint), this.#query(endpoint.query), body, fc.integer({ min: 0, max: 9 }))
      .map(([path, query, text, chance]) => ({
        method: endpoint.method.toUpperCase(),
        target: path + query,
        body: text,
        withToken: chance > 0,
      }));
  }

  #path({ paths, params }: Endpoint<never>): Arbitrary<string> {
    const schemas = (params as Shape | undefined)?.properties ?? {};
    return fc.constantFrom(...paths).chain((path) => {
      const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
      return fc.tuple(...names.map((name) => this.#param(name, schemas[name]))).map((values) => {
        let next = 0;
        return path.replace(/\{\w+\}/g, () => values[next++] ?? '');
      });
    });
  }

  #param(name: string, schema: TSchema | undefined): Arbitrary<string> {
    const { roomIds, userIds, eventIds, serverName, others = {} } = this.#things;
    const fitting = new Map<string, readonly string[]>([
      ...Object.entries(others),
      ['roomId', roomIds],
      ['roomIdOrAlias', roomIds],
      ['userId', userIds],
      ['eventId', eventIds],
      ['serverName', [serverName]],
      ['roomAlias', [`#a:${serverName}`]],
    ]).get(name);
    const encoded = this.#text.map(encode);
    const described = schema && this.#fitting(schema as Shape, 0).map((value) => encode(String(value)));
    const good = fitting ? fc.constantFrom(...fitting.map(encode)) : (described ?? encoded);
    return fc.oneof(
      { weight: 6, arbitrary: good },
      { weight: 2, arbitrary: encoded },
      { weight: 1, arbitrary: fc.constantFrom('%', '%zz', '%ff', '..', '%2e%2e%2f', '%00', ';a=b') },
    );
  }

  #query(schema: TSchema | undefined): Arbitrary<string> {
    const names = Object.keys((schema as Shape | undefined)?.properties ?? {});
    if (names.length === 0) return fc.constantFrom('', '', '?', '?a=b&a', '?%zz=%');
    const value = fc.oneof(this.#text, fc.constantFrom(...ODD_NUMBERS.map(String)), fc.constantFrom('true', 'false'));
    const pairs = fc.array(fc.tuple(fc.constantFrom(...names), value), { maxLength: 4 });
    return pairs.map((list) => `?${list.map(([name, text]) => `${name}=${encode(text).slice(0, 3_000)}`).join('&')}`);
  }

  #body(schema: TSchema | undefined): Arbitrary<string | undefined> {
    return fc.oneof(
      { weight: 12, arbitrary: this.#value(schema ?? {}, 0).map((value) => JSON.stringify(value)) },
      {
        weight: 1,
        arbitrary: fc.constantFrom(undefined, '', '{', '[]', 'null', '"text"', '\u0000', '{"a":"\\ud800"}'),
      },
      { weight: 1, arbitrary: fc.json({ maxDepth: 3 }) },
    );
  }

  /** A value of the schema, in one place or another of another type. */
  #value(schema: TSchema, depth: number): Arbitrary<unknown> {
    return fc.oneof(
      { weight: 8, arbitrary: this.#fitting(schema as Shape, depth) },
      { weight: 1, arbitrary: this.#any() },
    );
  }

  #any(): Arbitrary<unknown> {
    return fc.oneof(
      this.#text,
      fc.constantFrom(...ODD_NUMBERS),
      fc.constantFrom(null, true, false, [], {}, [[]], { a: null }),
    );
  }

  #fitting(shape: Shape, depth: number): Arbitrary<unknown> {
    if ('const' in shape) return fc.constant(shape.const);
    if (shape.enum !== undefined) return fc.constantFrom(...shape.enum);
    if (shape.anyOf !== undefined) return fc.oneof(...shape.anyOf.map((item) => this.#value(item, depth)));
    switch (shape.type) {
      case 'string':
        return this.#text;
      case 'integer':
      case 'number':
        return fc.oneof(fc.nat({ max: 100 }), fc.constantFrom(...ODD_NUMBERS));
      case 'boolean':
        return fc.boolean();
      case 'array':
        return fc.array(this.#value(shape.items ?? {}, depth + 1), { maxLength: 3 });
      case 'object':
        return this.#object(shape, depth);
      default:
        return this.#any();
    }
  }

  #object(shape: Shape, depth: number): Arbitrary<unknown> {
    const entries = Object.entries(shape.properties ?? {});
    const named = fc.record(Object.fromEntries(entries.map(([name, value]) => [name, this.#value(value, depth + 1)])), {
      requiredKeys: [],
    });
    if (depth > 3) return named;
    const rest = Object.values(shape.patternProperties ?? {})[0];
    const further = fc.dictionary(this.#text, rest === undefined ? this.#any() : this.#value(rest, depth + 1), {
      maxKeys: 2,
    });
    return entries.length > 0 ? fc.oneof({ weight: 4, arbitrary: named }, { weight: 1, arbitrary: further }) : further;
  }
}

function encode(text: string): string {
  return encodeURIComponent(Buffer.from(text).toString()).slice(0, 6_000).replace(/%.?$/, '');
}
