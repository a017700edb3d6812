import { TextQuery } from '../contract/search.ts';
import type { Dialect } from '../dialects/dialect.ts';

/** What a query's parameters may be: lists are matched with {@link Dialect.inList}, texts searched by {@link Dialect.textIndex}. */
export type Params = Record<
  string,
  string | number | Uint8Array | null | readonly string[] | readonly number[] | TextQuery
>;

/** A query written once, with named parameters (`:name`), and compiled once for each connection. */
export interface Query<P extends Params, R> {
  readonly sql: (dialect: Dialect) => string;
  readonly __params?: P | undefined;
  readonly __row?: R | undefined;
}

/** A query compiled for an engine: `names[i]` is the parameter that fills the i-th placeholder. */
export interface CompiledQuery {
  readonly id: number;
  readonly text: string;
  readonly names: readonly string[];
}

/** Declares a query. Columns come back under their names; integers as numbers; text and bytes as they are. */
export function query<P extends Params, R>(sql: string | ((dialect: Dialect) => string)): Query<P, R> {
  return { sql: typeof sql === 'string' ? () => sql : sql };
}

/** Runs queries for a store. */
export interface Reader {
  all<P extends Params, R>(query: Query<P, R>, params: P): Promise<R[]>;
  one<P extends Params, R>(query: Query<P, R>, params: P): Promise<R | undefined>;
}

let compiledCount = 0;

/** Replaces `:name` by the engine's placeholders. `::` casts and quoted text stay as they are. */
export function compile(sql: string, dialect: Dialect): CompiledQuery {
  const names: string[] = [];
  const text = sql.replace(/'[^']*'|::|:([a-z_]\w*)/gi, (whole, name: string | undefined) => {
    if (name === undefined) return whole;
    if (dialect.hasNumberedPlaceholders) {
      const known = names.indexOf(name);
      if (known >= 0) return dialect.placeholder(known + 1);
    }
    names.push(name);
    return dialect.placeholder(names.length);
  });
  compiledCount += 1;
  return { id: compiledCount, text, names };
}

/** The values for a compiled query's placeholders. */
export function bind(compiled: CompiledQuery, params: Params, dialect: Dialect): unknown[] {
  return compiled.names.map((name) => {
    const value = params[name];
    if (value === undefined) throw new Error(`no value for :${name} in ${compiled.text}`);
    if (value instanceof TextQuery) return dialect.textIndex.query(value);
    return Array.isArray(value) ? dialect.listParameter(value) : value;
  });
}

/** Compiles each query once for a dialect. */
export class QueryCompiler {
  private readonly compiled = new Map<object, CompiledQuery>();
  readonly dialect: Dialect;

  constructor(dialect: Dialect) {
    this.dialect = dialect;
  }

  get(query: { readonly sql: (dialect: Dialect) => string }): CompiledQuery {
    let known = this.compiled.get(query);
    if (!known) {
      known = compile(query.sql(this.dialect), this.dialect);
      this.compiled.set(query, known);
    }
    return known;
  }
}
