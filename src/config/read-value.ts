import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { isMap, isScalar, isSeq, type Node } from 'yaml';
import { type AnyField, camelCase, type Group, type List, type Scalar, type Surroundings } from './fields.ts';
import { reason } from './file-errors.ts';
import { nearestName } from './nearest-name.ts';
import type { Problem } from './problem.ts';
import { type Entry, entries, quote, type Source } from './source.ts';

/** Everything that reading one configuration needs. */
export interface Reading {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly where: Surroundings;
  /** Values that environment variables give to options, by the full name of the option. */
  readonly overrides: ReadonlyMap<string, Source>;
  readonly problems: Problem[];
}

/** An unusable value; its problem has been reported. */
export const WRONG = Symbol('wrong');

interface Place {
  readonly source: Source;
  /** Full name of the option. */
  readonly option: string;
  /** Where to point if there is no node. */
  readonly parent: Node | null;
}

function report(reading: Reading, place: Place, node: Node | null, message: string): typeof WRONG {
  reading.problems.push({ at: place.source.at(node ?? place.parent), option: place.option, message });
  return WRONG;
}

/** Puts the variables of the environment that a text names as `${NAME}` in their places. */
function expand(reading: Reading, place: Place, node: Node, text: string): string | typeof WRONG {
  let missing: string | undefined;
  const expanded = text.replace(/\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g, (_, name: string) => {
    const value = reading.env[name];
    if (value === undefined) missing ??= name;
    return value ?? '';
  });
  if (missing === undefined) return expanded;
  return report(reading, place, node, `the environment variable ${missing} is not set`);
}

const MISSING_UNIT = /^\d+(\.\d+)?$/;

function readScalar(field: Scalar<unknown>, node: Node | null, place: Place, reading: Reading): unknown {
  const value = understood(field, node, place, reading);
  const objection = value === WRONG || value === undefined ? undefined : field.inspect?.(value);
  return objection === undefined ? value : report(reading, place, node, objection);
}

function understood(field: Scalar<unknown>, node: Node | null, place: Place, reading: Reading): unknown {
  if (node === null || (isScalar(node) && node.value === null)) return absent(field, node, place, reading);
  const expected = `expected ${field.expected}`;
  if (!isScalar(node)) return report(reading, place, node, `${expected}, found ${quote(node)}`);
  const written = typeof node.value === 'string' ? expand(reading, place, node, node.value) : node.value;
  if (written === WRONG) return WRONG;
  const value = field.read(written, reading.where);
  if (value !== undefined) return value;
  const found = field.secret ? 'something else' : quote(node);
  const unit = field.expected.includes('its unit') && MISSING_UNIT.test(String(written)) ? ': the unit is missing' : '';
  const near =
    field.literal && typeof written === 'string' ? nearestName(written, field.expected.split(/, | or /)) : undefined;
  const hint = near === undefined || !/^\S+$/.test(near) ? '' : `; did you mean ${near}?`;
  return report(reading, place, node, `${expected}, found ${found}${unit}${hint}`);
}

function absent(field: Scalar<unknown>, node: Node | null, place: Place, reading: Reading): unknown {
  if (field.presence === 'required') return report(reading, place, node, `is missing: expected ${field.expected}`);
  if (field.presence === 'optional') return undefined;
  if (field.inDataDir !== undefined) return resolve(reading.where.dataDir, field.inDataDir);
  return field.read(field.default, reading.where);
}

/** A secret from the file that `<name>_file` names, without the newline at its end. */
function readSecretFile(field: Scalar<unknown>, entry: Entry, place: Place, reading: Reading): unknown {
  const node = entry.value;
  const at = { ...place, option: `${place.option}_file` };
  if (!isScalar(node) || typeof node.value !== 'string') {
    return report(reading, at, node, `expected a path, found ${quote(node)}`);
  }
  const name = expand(reading, at, node, node.value);
  if (name === WRONG) return WRONG;
  const file = resolve(reading.where.configDir, name);
  let content: string;
  try {
    content = readFileSync(file, 'utf8').replace(/\r?\n$/, '');
  } catch (error) {
    return report(reading, at, node, `cannot read ${file}: ${reason(error)}`);
  }
  const value = field.read(content, reading.where);
  return value ?? report(reading, at, node, `expected ${field.expected} in ${file}`);
}

function readList(field: List<AnyField>, node: Node | null, place: Place, reading: Reading): unknown {
  if (node === null || (isScalar(node) && node.value === null)) {
    return field.default.map((item) => defaultOf(field.item, item, reading.where));
  }
  if (!isSeq(node)) return report(reading, place, node, `expected a list, found ${quote(node)}`);
  return node.items.map((item, index) => {
    const itemNode = isScalar(item) || isMap(item) || isSeq(item) ? item : null;
    return readField(field.item, itemNode, { ...place, option: `${place.option}[${index}]`, parent: node }, reading);
  });
}

/** A default as the program reads it. */
export function defaultOf(field: AnyField, written: unknown, where: Surroundings): unknown {
  if (field.shape === 'scalar') {
    if (written !== undefined) return field.read(written, where);
    if (field.presence === 'optional') return undefined;
    return field.inDataDir === undefined ? field.read(field.default, where) : resolve(where.dataDir, field.inDataDir);
  }
  if (field.shape === 'list') {
    const items = Array.isArray(written) ? written : field.default;
    return items.map((item) => defaultOf(field.item, item, where));
  }
  const values = new Map(Object.entries(written ?? {}));
  return Object.fromEntries(
    Object.entries(field.fields).map(([name, inner]) => [camelCase(name), defaultOf(inner, values.get(name), where)]),
  );
}

function readGroup(field: Group<unknown>, node: Node | null, place: Place, reading: Reading): unknown {
  const empty = node === null || (isScalar(node) && node.value === null);
  if (!empty && !isMap(node)) return report(reading, place, node, `expected a mapping, found ${quote(node)}`);
  const found = new Map((isMap(node) ? entries(node) : []).map((entry) => [entry.key, entry]));
  const prefix = place.option === '' ? '' : `${place.option}.`;
  const value: Record<string, unknown> = {};
  let wrong = false;
  for (const [name, inner] of Object.entries(field.fields)) {
    const at: Place = { source: place.source, option: prefix + name, parent: node ?? place.parent };
    const read = readMember(inner, name, found, at, reading);
    if (read === WRONG) wrong = true;
    value[camelCase(name)] = read;
    found.delete(name);
    if (inner.secret) found.delete(`${name}_file`);
  }
  for (const { key, keyNode } of found.values()) {
    const near = nearestName(key, Object.keys(field.fields));
    const known = Object.keys(field.fields).join(', ');
    const hint = near === undefined ? `; known here: ${known}` : `; did you mean ${near}?`;
    wrong = report(reading, { ...place, option: prefix + key }, keyNode, `is not an option${hint}`) === WRONG;
  }
  if (wrong) return WRONG;
  for (const [name, message] of field.check?.(value) ?? []) {
    const member = isMap(node) ? entries(node).find(({ key }) => key === name)?.value : undefined;
    wrong = report(reading, { ...place, option: prefix + name, parent: node }, member ?? node, message) === WRONG;
  }
  return wrong ? WRONG : value;
}

function readMember(
  field: AnyField,
  name: string,
  found: ReadonlyMap<string, Entry>,
  place: Place,
  reading: Reading,
): unknown {
  const override = reading.overrides.get(place.option);
  if (override !== undefined) {
    reading.problems.push(...override.problems);
    return readField(field, override.root, { ...place, source: override, parent: null }, reading);
  }
  const entry = found.get(name);
  const fileEntry = field.secret ? found.get(`${name}_file`) : undefined;
  if (field.shape === 'scalar' && fileEntry !== undefined) {
    if (entry === undefined) return readSecretFile(field, fileEntry, place, reading);
    return report(reading, place, fileEntry.keyNode, `expected either ${name} or ${name}_file, found both`);
  }
  return readField(field, entry?.value ?? null, { ...place, parent: entry?.keyNode ?? place.parent }, reading);
}

/** Reads a value by its declaration; reports what is wrong and then answers {@link WRONG}. */
export function readField(field: AnyField, node: Node | null, place: Place, reading: Reading): unknown {
  if (field.shape === 'scalar') return readScalar(field, node, place, reading);
  return field.shape === 'list' ? readList(field, node, place, reading) : readGroup(field, node, place, reading);
}
