/** The scripts and styles of the pages, read once: those of the client as they were built, and nothing else. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { embedStyle } from './embed-style.ts';
import { overlayStyle } from './overlay-style.ts';
import { signInStyle } from './sign-in-style.ts';

export interface PageFile {
  readonly type: string;
  readonly text: string;
  readonly etag: string;
}

const CLIENT = new URL('../client/', import.meta.url);
const STYLES = { 'embed.css': embedStyle, 'overlay.css': overlayStyle, 'sign-in.css': signInStyle };

let files: ReadonlyMap<string, PageFile> | undefined;

export function pageFile(name: string): PageFile | undefined {
  files ??= readFiles();
  return files.get(name);
}

/** The scripts that a script imports at once, and those that these import: browsers need not find out one by one. */
export function importedBy(name: string): ReadonlySet<string> {
  const known = imports.get(name) ?? collect(name, new Set());
  imports.set(name, known);
  return known;
}

const imports = new Map<string, ReadonlySet<string>>();

function collect(name: string, found: Set<string>): ReadonlySet<string> {
  for (const [, imported = ''] of (pageFile(name)?.text ?? '').matchAll(/ from ['"]\.\/([\w-]+\.js)['"]/g)) {
    if (!found.has(imported)) collect(imported, found.add(imported));
  }
  return found;
}

function readFiles(): ReadonlyMap<string, PageFile> {
  const scripts = readdirSync(CLIENT).filter((name) => name.endsWith('.js'));
  return new Map([
    ...scripts.map((name) => [name, file('text/javascript', scriptText(name))] as const),
    ...Object.entries(STYLES).map(([name, text]) => [name, file('text/css', text)] as const),
  ]);
}

/** Without the reference to a map that is not served. */
function scriptText(name: string): string {
  return readFileSync(new URL(name, CLIENT), 'utf8').replace(/\n\/\/# sourceMappingURL=.*/, '\n');
}

function file(type: string, text: string): PageFile {
  const etag = `"${createHash('sha256').update(text).digest('base64url').slice(0, 16)}"`;
  return { type: `${type}; charset=utf-8`, text, etag };
}
