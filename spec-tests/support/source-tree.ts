import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseSync } from 'oxc-parser';

export interface SourceImport {
  readonly line: number;
  /** As written. */
  readonly specifier: string;
  /** Of a file of this project, relative to the root; otherwise undefined. */
  readonly file: string | undefined;
  readonly typeOnly: boolean;
}

export interface SourceFile {
  /** Relative to the root, as `src/http/endpoint.ts`. */
  readonly path: string;
  readonly text: string;
  readonly lines: number;
  readonly imports: readonly SourceImport[];
  readonly exportNames: readonly (string | undefined)[];
}

/** The repository, also when the tests run from the build inside of it. */
export const ROOT = rootAbove(dirname(fileURLToPath(import.meta.url)));

function rootAbove(folder: string): string {
  return existsSync(join(folder, 'tsconfig.json')) ? folder : rootAbove(dirname(folder));
}

/** Every file below a folder, relative to the root. */
export function filesBelow(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .map((path) => join(folder, path))
    .filter((path) => statSync(join(ROOT, path)).isFile());
}

/** The import of a type in place, and the import of a module while running. */
const INLINE_IMPORT = /\bimport\(\s*['"]([^'"]+)['"]\s*\)/g;

function importsOf(path: string, text: string): { imports: SourceImport[]; exportNames: (string | undefined)[] } {
  const { module, errors } = parseSync(path, text);
  if (errors.length > 0) throw new Error(`${path} cannot be parsed: ${errors[0]?.message}`);
  const lineAt = (offset: number) => text.slice(0, offset).split('\n').length;
  const make = (specifier: string, offset: number, typeOnly: boolean): SourceImport => ({
    line: lineAt(offset),
    specifier,
    file: specifier.startsWith('.') ? relative('.', normalize(join(dirname(path), specifier))) : undefined,
    typeOnly,
  });
  const imports = module.staticImports.map(({ moduleRequest, entries, start }) =>
    make(moduleRequest.value, start, entries.length > 0 && entries.every((entry) => entry.isType)),
  );
  const entries = module.staticExports.flatMap((statement) => statement.entries);
  for (const { moduleRequest, isType, start } of entries) {
    if (moduleRequest) imports.push(make(moduleRequest.value, start, isType));
  }
  for (const match of text.matchAll(INLINE_IMPORT)) imports.push(make(match[1] ?? '', match.index, true));
  return {
    imports,
    exportNames: entries.map(({ exportName }) => (exportName.kind === 'Default' ? undefined : 'named')),
  };
}

/** The TypeScript of a folder, parsed. */
export function sourceFiles(folder: string): SourceFile[] {
  return filesBelow(folder)
    .filter((path) => path.endsWith('.ts'))
    .map((path) => {
      const text = readFileSync(join(ROOT, path), 'utf8');
      return { path, text, lines: text.split('\n').length - 1, ...importsOf(path, text) };
    });
}
