import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../support/source-tree.ts';

/** The folders of an extension, and the files with the lines that register it. */
const FOLDERS = ['src/live', 'spec-tests/live'];
const REGISTERED_IN = ['src/homeserver/extensions.ts', 'src/config/schema.ts', 'migrations/index.ts'];
const LINE_OF_EXTENSION = /^import .*\/live\/|^ {2,4}live(: liveExtension)?,$/;

describe('The tree without live rooms', function () {
  this.timeout(300_000);
  let tree: string;

  before(() => {
    tree = mkdtempSync(join(tmpdir(), 'igchat-tree-'));
    const copied = [
      'src',
      'migrations',
      'spec-tests/support/source-tree.ts',
      'spec-tests/conformance/architecture.spec.ts',
    ];
    for (const path of [...copied, 'tsconfig.json', 'package.json']) {
      cpSync(join(ROOT, path), join(tree, path), {
        recursive: true,
        filter: (from) => !FOLDERS.some((folder) => from === join(ROOT, folder)),
      });
    }
    symlinkSync(join(ROOT, 'node_modules'), join(tree, 'node_modules'));
    for (const path of REGISTERED_IN) {
      const file = join(tree, path);
      const lines = readFileSync(file, 'utf8').split('\n');
      const kept = lines.filter((line) => !LINE_OF_EXTENSION.test(line));
      assert.ok(kept.length < lines.length, `${path} registers nothing`);
      writeFileSync(file, kept.join('\n').replace('[...liveMigrations]', '[]'));
    }
  });
  after(() => rmSync(tree, { recursive: true, force: true }));

  function run(...args: string[]): string {
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: tree, encoding: 'utf8' });
    assert.equal(status, 0, `${stdout}\n${stderr}`);
    return stdout;
  }

  it('is complete: it is built, its architecture holds, and it starts', () => {
    run('node_modules/typescript/bin/tsc', '-p', 'tsconfig.json');
    run('node_modules/mocha/bin/mocha.js', 'dist/spec-tests/conformance/architecture.spec.js');
    assert.doesNotMatch(run('dist/src/main.js', 'generate-config'), /^live:/m);
  });
});
