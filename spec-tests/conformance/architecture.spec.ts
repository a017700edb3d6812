import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { filesBelow, ROOT, type SourceFile, sourceFiles } from '../support/source-tree.ts';

/** What each folder may import of the others, type-only imports included. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  protocol: [],
  util: [],
  // Sections of extensions are handed over to the schema.
  config: ['util', 'live/settings'],
  outgoing: ['util'],
  http: ['protocol', 'util'],
  'storage/contract': ['protocol', 'util'],
  'storage/dialects': ['protocol', 'util'],
  'storage/sql': ['storage/contract', 'storage/dialects', 'protocol', 'util'],
  'storage/media': ['outgoing', 'storage/contract', 'protocol', 'util'],
  storage: ['storage/contract', 'storage/dialects', 'storage/sql', 'storage/media', 'migrations', 'protocol', 'util'],
  federation: ['outgoing', 'storage/contract', 'protocol', 'util'],
  services: ['federation', 'outgoing', 'storage/contract', 'protocol', 'util'],
  workers: ['services', 'federation', 'storage/contract', 'protocol', 'util'],
  api: ['http', 'services', 'protocol', 'util'],
  'live/settings': ['config', 'util'],
  'live/store': ['storage/contract', 'storage/dialects', 'storage/sql', 'storage', 'protocol', 'util'],
  live: [
    ...[
      'live/store',
      'live/settings',
      'http',
      'services',
      'federation',
      'outgoing',
      'storage/contract',
      'storage/dialects',
      'storage',
      'protocol',
    ],
    'util',
  ],
};

/** They put everything together, and nothing imports them. */
const COMPOSITION = /^src\/(main|homeserver)\.ts$|^src\/(homeserver|cli)\//;

/** What only some folders may import from outside. */
const PACKAGES: Readonly<Record<string, RegExp>> = {
  knex: /^src\/storage\/|^src\/live\/store\//,
  pg: /^src\/storage\//,
  'better-sqlite3': /^src\/storage\//,
  express: /^src\/(http|api\/pages)\//,
  'find-my-way': /^src\/http\//,
  pino: /^src\/util\//,
  'prom-client': /^src\/(util|http)\//,
  // Its `max` takes memory before anything is in it.
  'lru-cache': /^src\/util\/lru\.ts$/,
  undici: /^src\/outgoing\//,
  nodemailer: /^src\/outgoing\//,
  // It makes its own connections, to the one server that the configuration names.
  redis: /^src\/live\/hub\/order\//,
  'node:tls': /^src\/outgoing\//,
  'node:dns': /^src\/outgoing\//,
  // Listeners speak TLS, too; the check of connections below holds for them as well.
  'node:https': /^src\/(outgoing\/|http\/server\.ts$)/,
};

/** Files that are long because they are one table of data. */
const DATA_TABLES: readonly string[] = [];

/** Inside `services`, a folder imports only those of lower rank; others are above all of these. */
const SERVICE_RANKS: Readonly<Record<string, number>> = { admission: 0, timeline: 1, membership: 2, rooms: 2, sync: 9 };

const files = sourceFiles('src');

/** The folder of the table above that a file is in. */
function layerOf(path: string): string | undefined {
  if (path.startsWith('migrations/')) return 'migrations';
  const [, first = '', second = ''] = path.split('/');
  const nested = `${first}/${second}`;
  if (nested in MAY_IMPORT) return nested;
  return first in MAY_IMPORT ? first : undefined;
}

function isAllowed(from: SourceFile, target: string): boolean {
  if (COMPOSITION.test(from.path)) return true;
  const layer = layerOf(from.path);
  const other = layerOf(target);
  if (layer === undefined || other === undefined) return false;
  return layer === other || (MAY_IMPORT[layer] ?? []).includes(other);
}

/** `path:line what` for each import that `isWrong`. */
function importsThat(isWrong: (from: SourceFile, target: string) => boolean): string[] {
  return files.flatMap((from) =>
    from.imports.flatMap(({ file, line }) =>
      file !== undefined && isWrong(from, file) ? [`${from.path}:${line} imports ${file}`] : [],
    ),
  );
}

/** `path:line text` for each line of code that matches, comments left out. */
function linesThat(pattern: RegExp, isExempt: (path: string) => boolean): string[] {
  return files
    .filter(({ path }) => !isExempt(path))
    .flatMap(({ path, text }) =>
      text.split('\n').flatMap((line, index) => {
        const isComment = /^\s*(\*|\/\/|\/\*)/.test(line);
        return !isComment && pattern.test(line) ? [`${path}:${index + 1} ${line.trim()}`] : [];
      }),
    );
}

/** The first cycle of imports that are there when the program runs. */
function runtimeCycles(): string[] {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const done = new Set<string>();
  const cycles: string[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    const start = trail.indexOf(path);
    if (start !== -1) cycles.push([...trail.slice(start), path].join(' → '));
    if (start !== -1 || done.has(path)) return;
    for (const { file, typeOnly } of byPath.get(path)?.imports ?? []) {
      if (file !== undefined && !typeOnly) visit(file, [...trail, path]);
    }
    done.add(path);
  };
  for (const { path } of files) visit(path, []);
  return cycles;
}

const serviceOf = (path: string): string | undefined => /^src\/services\/([^/]+)\//.exec(path)?.[1];

/** Pairs of folders of services that import each other. */
function serviceCycles(): string[] {
  const edges = new Map<string, string>();
  for (const from of files) {
    for (const { file, line } of from.imports) {
      const [a, b] = [serviceOf(from.path), file === undefined ? undefined : serviceOf(file)];
      if (a !== undefined && b !== undefined && a !== b) edges.set(`${a} ${b}`, `${from.path}:${line} imports ${file}`);
    }
  }
  return [...edges].flatMap(([edge, where]) => {
    const back = edges.get(edge.split(' ').reverse().join(' '));
    return back === undefined ? [] : [`${where}, and ${back}`];
  });
}

describe('architecture', () => {
  it('has every folder of src in the table of who imports whom', () => {
    const unknown = files.filter(({ path }) => !COMPOSITION.test(path) && layerOf(path) === undefined);
    assert.deepEqual(
      unknown.map(({ path }) => path),
      [],
    );
  });

  it('imports downwards only', () => {
    assert.deepEqual(
      importsThat((from, target) => !isAllowed(from, target)),
      [],
    );
  });

  it('has no cycle of imports', () => {
    assert.deepEqual(runtimeCycles(), []);
  });

  it('has no two folders of services that import each other', () => {
    assert.deepEqual(serviceCycles(), []);
  });

  it('builds membership and rooms on the timeline, that on admission, and nothing on sync', () => {
    const wrong = importsThat((from, target) => {
      const [a, b] = [serviceOf(from.path), serviceOf(target)];
      if (a === undefined || b === undefined || a === b) return false;
      return (SERVICE_RANKS[b] ?? 5) > (SERVICE_RANKS[a] ?? 5);
    });
    assert.deepEqual(wrong, []);
  });

  it('keeps packages where they belong', () => {
    const wrong = files.flatMap(({ path, imports }) =>
      imports.flatMap(({ specifier, line }) => {
        const allowed = PACKAGES[specifier];
        return allowed !== undefined && !allowed.test(path) && !COMPOSITION.test(path)
          ? [`${path}:${line} imports ${specifier}`]
          : [];
      }),
    );
    assert.deepEqual(wrong, []);
  });

  it('connects to the outside in src/outgoing only', () => {
    const isExempt = (path: string) => /^src\/(outgoing|live\/client)\//.test(path);
    const pattern = /(?<![.\w#])fetch\(|(https?|net|tls)\.(request|get|connect)\(|new WebSocket\(/;
    assert.deepEqual(linesThat(pattern, isExempt), []);
  });

  it('keeps the protocol pure: no package, no I/O, no clock, no chance, nothing asynchronous', () => {
    const isProtocol = (path: string) => path.startsWith('src/protocol/');
    const imports = files
      .filter(({ path }) => isProtocol(path))
      .flatMap(({ path, imports }) =>
        imports.flatMap(({ specifier, file }) =>
          file === undefined && specifier !== 'node:crypto' ? [`${path} imports ${specifier}`] : [],
        ),
      );
    const impure = linesThat(
      /\b(Date\.now|new Date\(\)|Math\.random|setTimeout|randomBytes|async\s+(function|\()|await\s)/,
      (path) => !isProtocol(path),
    );
    assert.deepEqual([...imports, ...impure], []);
  });

  it('asks the injected clock for the time and the injected randomness for chance', () => {
    const isExempt = (path: string) =>
      path.startsWith('src/util/') || COMPOSITION.test(path) || path.startsWith('src/live/client/');
    assert.deepEqual(linesThat(/\b(Date\.now|Math\.random|setTimeout|setInterval)\(|new Date\(\)/, isExempt), []);
  });

  it('compares room versions in protocol/room-versions only', () => {
    const isExempt = (path: string) => path.startsWith('src/protocol/room-versions/');
    assert.deepEqual(linesThat(/version\)?\s*[!=]==\s*['"]\d|['"]\d+['"]\s*[!=]==\s*\w*version/i, isExempt), []);
  });

  it('tells database engines apart in storage/dialects only', () => {
    const isExempt = (path: string) =>
      /^src\/(storage\/(dialects|engine)|config|cli)\//.test(path) ||
      path === 'src/storage/open-storage.ts' ||
      COMPOSITION.test(path);
    const pattern =
      /(client|engine|dialect)(\.name)?\s*[!=]==\s*['"]|[!=]==\s*['"](sqlite3?|better-sqlite3|postgres(ql)?|pg)['"]/;
    assert.deepEqual(linesThat(pattern, isExempt), []);
  });

  it('has no default exports', () => {
    assert.deepEqual(
      files.filter(({ exportNames }) => exportNames.includes(undefined)).map(({ path }) => path),
      [],
    );
  });

  it('has no file of more than 500 lines, data tables excepted', () => {
    const long = [...files, ...sourceFiles('spec-tests')].filter(
      ({ lines, path }) => lines > 500 && !DATA_TABLES.includes(path),
    );
    assert.deepEqual(
      long.map(({ path, lines }) => `${path}: ${lines}`),
      [],
    );
  });

  it('says what things are in their names', () => {
    const wrong = [...filesBelow('src'), ...filesBelow('spec-tests')].filter(
      (path) =>
        path
          .split('/')
          .some(
            (part) =>
              /^(utils?|helpers?|common|misc|managers?|shared)(\.|$)/.test(part) ||
              /[-.](utils?|helpers?|manager)\.ts$/.test(part),
          ) &&
        !/^src\/util\/[^/]+$/.test(path) &&
        !/^spec-tests\/util\/[^/]+$/.test(path),
    );
    assert.deepEqual(wrong, []);
    const notKebab = files.filter(({ path }) => !/^[a-z0-9]+(-[a-z0-9]+)*(\.d)?\.ts$/.test(basename(path)));
    assert.deepEqual(
      notKebab.map(({ path }) => path),
      [],
    );
  });

  it('gives each migration a number of its own', () => {
    const paths = [...readdirSync(join(ROOT, 'migrations')), ...files.map(({ path }) => path)];
    const numbers = paths.flatMap((path) => /(?:^|migrations\/)(\d{4})-[^/]+\.ts$/.exec(path)?.[1] ?? []);
    assert.ok(numbers.length > 0);
    assert.deepEqual(
      numbers.filter((number, at) => numbers.indexOf(number) !== at),
      [],
    );
  });

  it('keeps util to twelve files at most', () => {
    assert.ok(files.filter(({ path }) => path.startsWith('src/util/')).length <= 12);
  });

  it('explains each folder of src in at most 40 lines', () => {
    const folders = readdirSync(join(ROOT, 'src'), { withFileTypes: true }).filter((entry) => entry.isDirectory());
    const wrong = folders.flatMap(({ name }) => {
      const file = join(ROOT, 'src', name, 'README.md');
      if (!existsSync(file)) return [`src/${name} has no README.md`];
      const lines = readFileSync(file, 'utf8').trimEnd().split('\n').length;
      return lines > 40 ? [`src/${name}/README.md has ${lines} lines`] : [];
    });
    assert.deepEqual(wrong, []);
  });

  it('leaves nothing for later', () => {
    assert.deepEqual(
      files.flatMap(({ path, text }) =>
        /\b(TODO|FIXME|XXX|HACK)\b|@ts-(ignore|nocheck)|\bas any\b/.test(text) ? [path] : [],
      ),
      [],
    );
  });
});
