/**
 * The words in which the options of `homeserver.yaml` are declared. A declaration carries everything there is to know
 * of an option: its type and unit, default, comment and whether it is a secret; the loader, the sample file and the
 * type `Config` all come from it.
 */
import { isIP } from 'node:net';
import { resolve } from 'node:path';
import { parseDuration, parseSize } from './units.ts';

/** What a value is read in the light of. */
export interface Surroundings {
  /** Folder of the configuration file: relative paths start here. */
  readonly configDir: string;
  /** Absolute path of `data_dir`: files that are not configured live here. */
  readonly dataDir: string;
}

export interface Describe {
  /** Shown above the option in the sample file; lines are separated by `\n`. */
  readonly comment: string;
  /** Value shown in the sample file where there is no default. */
  readonly example?: unknown;
  /** May also be given as `<name>_file: path`, and is never printed. */
  readonly secret?: boolean;
}

export interface Scalar<T> extends Describe {
  readonly shape: 'scalar';
  /** "expected …" of the error message. */
  readonly expected: string;
  /** The value, or undefined if `written` is not one. */
  readonly read: (written: unknown, where: Surroundings) => T | undefined;
  /** A text: a value from the environment is taken literally. */
  readonly literal: boolean;
  readonly presence: 'default' | 'optional' | 'required';
  /** As it would be written in the file. */
  readonly default?: unknown;
  /** Name of the file in `data_dir` that is the default. */
  readonly inDataDir?: string;
  /** What is wrong with what the value, a default too, refers to. */
  inspect?(value: T): string | undefined;
}

export interface List<I> extends Describe {
  readonly shape: 'list';
  readonly item: I;
  readonly default: readonly unknown[];
}

export interface Group<T> extends Describe {
  readonly shape: 'group';
  readonly fields: Readonly<Record<string, AnyField>>;
  /** Written on one line, `{ a: 1, b: 2 }`. */
  readonly inline: boolean;
  /** What must hold between options: pairs of (option of this group, what is wrong). */
  check?(value: T): readonly (readonly [string, string])[];
  /** Never present: carries the type. */
  readonly type?: T;
}

export type AnyField = Scalar<unknown> | List<AnyField> | Group<unknown>;

export type CamelCase<S> = S extends `${infer A}_${infer B}` ? `${A}${Capitalize<CamelCase<B>>}` : S;
export type ValueOf<F> =
  F extends Scalar<infer T>
    ? T
    : F extends List<infer I>
      ? readonly ValueOf<I>[]
      : F extends Group<infer T>
        ? T
        : never;
export type ValuesOf<Fs> = { readonly [K in keyof Fs as CamelCase<K>]: ValueOf<Fs[K]> };

/** `max_upload_size` → `maxUploadSize`: the name of an option in `Config`. */
export function camelCase(name: string): string {
  return name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

type WithDefault<D> = Describe & { readonly default: D };

function scalar<T>(
  about: Describe & { readonly default?: unknown; readonly inDataDir?: string; inspect?(value: T): string | undefined },
  expected: string,
  read: Scalar<T>['read'],
  literal = false,
): Scalar<T> {
  const presence = about.default === undefined && about.inDataDir === undefined ? 'required' : 'default';
  return { ...about, shape: 'scalar', expected, read, literal, presence };
}

/** The same option, which may be left out and then is undefined. */
export function optional<T>(field: Scalar<T>): Scalar<T | undefined> {
  return { ...field, presence: 'optional' };
}

export function flag(about: WithDefault<boolean>): Scalar<boolean> {
  return scalar(about, 'true or false', (v) => (typeof v === 'boolean' ? v : undefined));
}

type Range = { readonly min: number; readonly max: number };

export function whole(about: Describe & Range & { readonly default?: number }): Scalar<number> {
  const { min, max } = about;
  return scalar(about, `a whole number from ${min} to ${max}`, (v) =>
    Number.isSafeInteger(v) && Number(v) >= min && Number(v) <= max ? Number(v) : undefined,
  );
}

export function decimal(about: Describe & Range & { readonly default?: number }): Scalar<number> {
  const { min, max } = about;
  return scalar(about, `a number from ${min} to ${max}`, (v) =>
    typeof v === 'number' && v >= min && v <= max ? v : undefined,
  );
}

/** Milliseconds, written as `30s`. */
export function duration(about: Describe & { readonly default?: string; readonly min?: string }): Scalar<number> {
  const min = about.min === undefined ? 0 : (parseDuration(about.min) ?? 0);
  const least = about.min === undefined ? '' : ` of at least ${about.min}`;
  return scalar(about, `a duration${least} with its unit, such as 500ms, 30s, 5m, 24h or 7d`, (v) => {
    const ms = typeof v === 'string' ? parseDuration(v) : undefined;
    return ms !== undefined && ms >= min ? ms : undefined;
  });
}

/** Bytes, written as `50MB`. */
export function size(about: Describe & { readonly default?: string; readonly min?: string }): Scalar<number> {
  const min = about.min === undefined ? 0 : (parseSize(about.min) ?? 0);
  const least = about.min === undefined ? '' : ` of at least ${about.min}`;
  return scalar(about, `a size${least} with its unit, such as 512KB, 50MB or 2GB`, (v) => {
    const bytes = typeof v === 'string' ? parseSize(v) : undefined;
    return bytes !== undefined && bytes >= min ? bytes : undefined;
  });
}

export function text(about: Describe & { readonly default?: string }): Scalar<string> {
  return scalar(about, 'a text', (v) => (typeof v === 'string' && v !== '' ? v : undefined), true);
}

/** A text that matches; `expected` says in words what does. */
export function pattern(
  about: Describe & { readonly default?: string; readonly matches: RegExp; readonly expected: string },
) {
  return scalar<string>(
    about,
    about.expected,
    (v) => (typeof v === 'string' && about.matches.test(v) ? v : undefined),
    true,
  );
}

/** An address or a network: `10.0.0.1`, `10.0.0.0/8`, `::1`. */
export function network(about: Describe): Scalar<string> {
  return scalar(about, 'an IP address or a network such as 10.0.0.0/8', (v) => {
    const [address, bits, rest] = String(v).split('/');
    const version = isIP(address ?? '');
    const bitsFit = bits === undefined || (/^\d+$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128));
    return version !== 0 && bitsFit && rest === undefined ? String(v) : undefined;
  });
}

export function oneOf<const T extends string>(
  about: Describe & { readonly values: readonly T[]; readonly default?: T },
) {
  const { values } = about;
  const last = values.at(-1);
  const expected = values.length === 1 ? `${last}` : `${values.slice(0, -1).join(', ')} or ${last}`;
  return scalar<T>(about, expected, (v) => values.find((known) => known === v), true);
}

/** An `http` or `https` address without a trailing slash, query or fragment. */
export function webAddress(about: Describe & { readonly default?: string }): Scalar<string> {
  return scalar(
    about,
    'an http or https address without query, such as https://matrix.example.org',
    (v) => {
      if (typeof v !== 'string' || !/^https?:\/\/[^/?#\s]+[^?#\s]*$/.test(v) || !URL.canParse(v)) return undefined;
      return v.replace(/\/+$/, '');
    },
    true,
  );
}

/** An absolute path; a relative one starts at the folder of the configuration file. */
export function path(
  about: Describe & {
    readonly default?: string;
    readonly inDataDir?: string;
    inspect?(path: string): string | undefined;
  },
): Scalar<string> {
  return scalar(
    about,
    'a path',
    (v, where) => (typeof v === 'string' && v !== '' && !v.includes('\0') ? resolve(where.configDir, v) : undefined),
    true,
  );
}

export function list<F extends AnyField>(about: WithDefault<readonly unknown[]> & { readonly item: F }): List<F> {
  return { ...about, shape: 'list' };
}

export function group<const Fs extends Readonly<Record<string, AnyField>>>(
  about: Describe & {
    readonly fields: Fs;
    readonly inline?: boolean;
    check?(value: ValuesOf<Fs>): readonly (readonly [string, string])[];
  },
): Group<ValuesOf<Fs>> & { readonly fields: Fs } {
  return { inline: false, ...about, shape: 'group' };
}
