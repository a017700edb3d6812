import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, type YAMLMap } from 'yaml';
import type { Problem } from './problem.ts';

/** YAML text with its positions. */
export interface Source {
  readonly root: Node | null;
  readonly problems: readonly Problem[];
  /** `name:line:column` of a node. */
  at(node: Node | null | undefined): string;
}

function positions(name: string, lines: LineCounter): (offset: number) => string {
  return (offset) => {
    const { line, col } = lines.linePos(offset);
    return `${name}:${line}:${col}`;
  };
}

/** Parses the text of the file `name`. */
export function parseFile(name: string, text: string): Source {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  const at = positions(name, lines);
  return {
    root: document.contents,
    problems: document.errors.map((error) => ({ at: at(error.pos[0]), option: '', message: error.message })),
    at: (node) => at(node?.range?.[0] ?? 0),
  };
}

/** Parses a value that an environment variable gives; `literal` takes it as a text. */
export function parseVariable(name: string, text: string, literal: boolean): Source {
  const at = () => `environment variable ${name}`;
  const document = parseDocument(literal ? JSON.stringify(text) : text, { prettyErrors: false });
  return {
    root: document.contents,
    problems: document.errors.map((error) => ({ at: at(), option: '', message: error.message })),
    at,
  };
}

export interface Entry {
  readonly key: string;
  readonly keyNode: Node | null;
  readonly value: Node | null;
}

/** The entries of a mapping in the order of the file. */
export function entries(map: YAMLMap): Entry[] {
  return map.items.map(({ key, value }) => ({
    key: isScalar(key) ? String(key.value) : String(key),
    keyNode: isNode(key) ? key : null,
    value: isNode(value) ? value : null,
  }));
}

function isNode(value: unknown): value is Node {
  return isScalar(value) || isMap(value) || isSeq(value) || isAlias(value);
}

/** How a value is quoted in a message: short, on one line. */
export function quote(node: Node | null): string {
  if (node === null || (isScalar(node) && node.value === null)) return 'nothing';
  if (isSeq(node)) return 'a list';
  if (isMap(node)) return 'a mapping';
  if (isAlias(node)) return `the alias *${node.source}`;
  const shown = isScalar(node) && typeof node.value === 'string' ? JSON.stringify(node.value) : String(node);
  return shown.length > 60 ? `${shown.slice(0, 57)}…` : shown;
}
